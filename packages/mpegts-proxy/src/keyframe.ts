import { hasPayload, isRandomAccess, isScrambled, PACKET_BYTES, payloadAt, startsUnit } from './packet.ts';

/** What the first bytes of an access unit say about it. */
export type AccessUnitKind = 'key' | 'other' | 'undecided';

/** Bytes of an access unit that are looked at before giving up: parameter sets and SEI of real encoders fit. */
const MAX_HEAD_BYTES = 8 * 1024;

/**
 * Recognises keyframes of one video PID. Feed it every packet of the PID in order. A keyframe's place is the packet in
 * which its PES starts; it is known some packets later, when the first slice or picture header has arrived.
 */
export class KeyframeScanner {
  readonly codec: string;
  readonly #head = new Uint8Array(MAX_HEAD_BYTES);
  #headBytes = 0;
  /** Place of the PES being looked at; -1 when there is nothing to decide. */
  #pesOffset = -1;
  #randomAccess = false;

  constructor(codec: string) {
    this.codec = codec;
  }

  /** Whether the newest PES may still turn out to be a keyframe. */
  get isUndecided(): boolean {
    return this.#pesOffset >= 0;
  }

  /** The first bytes of the picture data of the keyframe that was just found, without its PES header. */
  get keyframeHead(): Uint8Array {
    return this.#head.subarray(Math.min(9 + (this.#head[8] ?? 0), this.#headBytes), this.#headBytes);
  }

  /**
   * @param offset the packet's place in the stream
   * @returns the place of the PES that has turned out to be a keyframe, or -1
   */
  push(bytes: Uint8Array, at: number, offset: number): number {
    if (startsUnit(bytes, at)) {
      this.#pesOffset = offset;
      this.#headBytes = 0;
      this.#randomAccess = isRandomAccess(bytes, at);
    }
    if (this.#pesOffset < 0 || !hasPayload(bytes, at)) return -1;
    if (isScrambled(bytes, at)) return this.#decide(this.#randomAccess);
    const from = payloadAt(bytes, at);
    const taken = Math.min(at + PACKET_BYTES - from, MAX_HEAD_BYTES - this.#headBytes);
    if (taken <= 0) return this.#headBytes === MAX_HEAD_BYTES ? this.#decide(this.#randomAccess) : -1;
    this.#head.set(bytes.subarray(from, from + taken), this.#headBytes);
    this.#headBytes += taken;
    const kind = classifyPes(this.codec, this.#head.subarray(0, this.#headBytes), this.#randomAccess);
    return kind === 'undecided' ? -1 : this.#decide(kind === 'key');
  }

  #decide(isKey: boolean): number {
    const offset = this.#pesOffset;
    this.#pesOffset = -1;
    return isKey ? offset : -1;
  }
}

/**
 * Classifies the access unit at the start of a PES packet.
 *
 * H.264: an IDR slice, or a recovery-point SEI together with a sequence parameter set (open GOPs, intra refresh; the
 * second field of a pair has neither). HEVC: an IRAP slice (types 16 to 21). MPEG-1/2: an I picture after a sequence
 * header. Other codecs: the muxer's `random_access_indicator` alone.
 *
 * @param head the PES packet's bytes so far, header included
 */
export function classifyPes(codec: string, head: Uint8Array, randomAccess: boolean): AccessUnitKind {
  if (head.length < 9) return 'undecided';
  if (head[0] !== 0 || head[1] !== 0 || head[2] !== 1) return 'other';
  const payload = head.subarray(9 + head[8]!);
  if (codec === 'h264') return classifyH264(payload);
  if (codec === 'hevc') return classifyHevc(payload);
  if (codec === 'mpeg2video' || codec === 'mpeg1video') return classifyMpeg2(payload);
  return randomAccess ? 'key' : 'other';
}

function classifyH264(bytes: Uint8Array): AccessUnitKind {
  let parameterSet = false;
  let recoveryPoint = false;
  for (let at = nextStartCode(bytes, 0); at >= 0; at = nextStartCode(bytes, at)) {
    const type = bytes[at]! & 0x1f;
    if (type === 5) return 'key';
    if (type === 1 || type === 2) return parameterSet && recoveryPoint ? 'key' : 'other';
    if (type === 7) parameterSet = true;
    if (type === 6) {
      const end = nextStartCode(bytes, at);
      if (end < 0) return 'undecided';
      recoveryPoint ||= hasRecoveryPoint(bytes.subarray(at + 1, end - 3));
    }
  }
  return 'undecided';
}

/** ISO/IEC 14496-10 §7.3.2.3: payload type 6 is the recovery point. */
function hasRecoveryPoint(sei: Uint8Array): boolean {
  let at = 0;
  while (at + 2 <= sei.length && sei[at] !== 0x80) {
    let type = 0;
    let size = 0;
    while (sei[at] === 0xff) type += sei[at++]!;
    type += sei[at++] ?? 0;
    while (sei[at] === 0xff) size += sei[at++]!;
    size += sei[at++] ?? 0;
    if (type === 6) return true;
    at += size;
  }
  return false;
}

function classifyHevc(bytes: Uint8Array): AccessUnitKind {
  for (let at = nextStartCode(bytes, 0); at >= 0; at = nextStartCode(bytes, at)) {
    const type = (bytes[at]! >> 1) & 0x3f;
    if (type <= 31) return type >= 16 && type <= 21 ? 'key' : 'other';
  }
  return 'undecided';
}

function classifyMpeg2(bytes: Uint8Array): AccessUnitKind {
  let sequenceHeader = false;
  for (let at = nextStartCode(bytes, 0); at >= 0; at = nextStartCode(bytes, at)) {
    const code = bytes[at]!;
    if (code === 0xb3) sequenceHeader = true;
    if (code !== 0x00) continue;
    if (at + 2 >= bytes.length) return 'undecided';
    const pictureType = (bytes[at + 2]! >> 3) & 7;
    return sequenceHeader && pictureType === 1 ? 'key' : 'other';
  }
  return 'undecided';
}

/** Offset of the byte behind the next `00 00 01` at or after `from`; -1 when there is none with a byte behind it. */
function nextStartCode(bytes: Uint8Array, from: number): number {
  for (let at = from; at + 3 < bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && bytes[at + 2] === 1) return at + 3;
  }
  return -1;
}
