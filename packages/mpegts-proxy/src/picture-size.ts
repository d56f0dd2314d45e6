import { BitReader } from './bit-reader.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** H.264 profiles whose parameter sets describe the chroma format. ISO/IEC 14496-10 §7.3.2.1.1. */
const CHROMA_PROFILES: ReadonlySet<number> = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/**
 * The size of the pictures after cropping, from the parameter sets or the sequence header at the start of a keyframe.
 *
 * @param bytes the start of an access unit, in Annex B form
 * @returns undefined when they are not there, damaged, or of another codec
 */
export function pictureSize(codec: string, bytes: Uint8Array): PictureSize | undefined {
  try {
    if (codec === 'h264') return h264Size(findUnit(bytes, (head) => (head & 0x1f) === 7));
    if (codec === 'hevc') return hevcSize(findUnit(bytes, (head) => ((head >> 1) & 0x3f) === 33));
    if (codec === 'mpeg2video' || codec === 'mpeg1video') return mpeg2Size(findUnit(bytes, (head) => head === 0xb3));
    return undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The unit (header first, up to the next start code) whose first byte fits. */
function findUnit(bytes: Uint8Array, fits: (head: number) => boolean): Uint8Array {
  let from = -1;
  for (let at = 0; at + 3 < bytes.length; at++) {
    if (bytes[at] !== 0 || bytes[at + 1] !== 0 || bytes[at + 2] !== 1) continue;
    if (from >= 0) return bytes.subarray(from, at);
    if (fits(bytes[at + 3]!)) from = at + 3;
  }
  return from >= 0 ? bytes.subarray(from) : new Uint8Array(0);
}

function h264Size(unit: Uint8Array): PictureSize {
  const reader = new BitReader(unit.subarray(1));
  const profile = reader.bits(8);
  reader.skip(16);
  reader.unsigned();
  let chromaFormat = 1;
  if (CHROMA_PROFILES.has(profile)) {
    chromaFormat = reader.unsigned();
    if (chromaFormat === 3) reader.skip(1);
    reader.unsigned();
    reader.unsigned();
    reader.skip(1);
    if (reader.flag()) skipScalingLists(reader, chromaFormat === 3 ? 12 : 8);
  }
  reader.unsigned();
  skipPictureOrder(reader);
  reader.unsigned();
  reader.skip(1);
  const widthUnits = reader.unsigned() + 1;
  const heightUnits = reader.unsigned() + 1;
  const framesOnly = reader.flag();
  if (!framesOnly) reader.skip(1);
  reader.skip(1);
  const [left, right, top, bottom] = croppingOf(reader);
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropY = (chromaFormat === 1 ? 2 : 1) * (framesOnly ? 1 : 2);
  return {
    width: widthUnits * 16 - cropX * (left + right),
    height: heightUnits * 16 * (framesOnly ? 1 : 2) - cropY * (top + bottom),
  };
}

function skipScalingLists(reader: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!reader.flag()) continue;
    let last = 8;
    let next = 8;
    for (let index = 0; index < (list < 6 ? 16 : 64); index++) {
      if (next !== 0) next = (last + reader.signed() + 256) % 256;
      if (next !== 0) last = next;
    }
  }
}

function skipPictureOrder(reader: BitReader): void {
  const type = reader.unsigned();
  if (type === 0) reader.unsigned();
  if (type !== 1) return;
  reader.skip(1);
  reader.signed();
  reader.signed();
  const cycle = reader.unsigned();
  if (cycle > 255) throw new RangeError(`A picture order cycle of ${cycle} is out of range`);
  for (let index = 0; index < cycle; index++) reader.signed();
}

/** ISO/IEC 23008-2 §7.3.2.2.1, up to the conformance window. */
function hevcSize(unit: Uint8Array): PictureSize {
  const reader = new BitReader(unit.subarray(2));
  reader.skip(4);
  const subLayers = reader.bits(3);
  reader.skip(1 + 88 + 8);
  const present = Array.from({ length: subLayers }, () => [reader.flag(), reader.flag()] as const);
  if (subLayers > 0) reader.skip(2 * (8 - subLayers));
  for (const [profile, level] of present) reader.skip((profile ? 88 : 0) + (level ? 8 : 0));
  reader.unsigned();
  const chromaFormat = reader.unsigned();
  if (chromaFormat === 3) reader.skip(1);
  const width = reader.unsigned();
  const height = reader.unsigned();
  const [left, right, top, bottom] = croppingOf(reader);
  const cropX = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1;
  const cropY = chromaFormat === 1 ? 2 : 1;
  return { width: width - cropX * (left + right), height: height - cropY * (top + bottom) };
}

function croppingOf(reader: BitReader): [number, number, number, number] {
  if (!reader.flag()) return [0, 0, 0, 0];
  return [reader.unsigned(), reader.unsigned(), reader.unsigned(), reader.unsigned()];
}

function mpeg2Size(unit: Uint8Array): PictureSize {
  const reader = new BitReader(unit.subarray(1));
  return { width: reader.bits(12), height: reader.bits(12) };
}
