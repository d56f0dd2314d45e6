import { NULL_PID, PACKET_BYTES, PAT_PID, payloadAt, startsUnit } from './packet.ts';

/** A program of the PAT: its number and where its PMT is. */
export interface PatEntry {
  readonly programNumber: number;
  readonly pmtPid: number;
}

export interface ElementaryStream {
  readonly pid: number;
  /** ISO/IEC 13818-1 table 2-34. */
  readonly streamType: number;
  readonly codec: string;
  readonly kind: 'video' | 'audio' | 'other';
}

export interface Program {
  readonly programNumber: number;
  readonly pmtPid: number;
  readonly pcrPid: number;
  readonly streams: readonly ElementaryStream[];
}

/** A complete section and the packets it came in. */
export interface Section {
  readonly bytes: Uint8Array;
  /** Copies of the transport packets that carry it, whole. */
  readonly packets: Uint8Array;
}

const MAX_SECTION_BYTES = 1024;
const MAX_SECTION_PACKETS = 8;

/** Puts the sections of one PID together, however many packets they span. §2.4.4. */
export class SectionAssembler {
  #packets: Uint8Array[] = [];
  #bytes: number[] = [];
  #collecting = false;

  /** Takes the packet at `at`; returns the sections whose CRC is right and that it completes. */
  push(bytes: Uint8Array, at: number): Section[] {
    const end = at + PACKET_BYTES;
    let from = payloadAt(bytes, at);
    const done: Section[] = [];
    if (from >= end) return done;
    const copy = new Uint8Array(bytes.subarray(at, end));
    if (startsUnit(bytes, at)) {
      const pointer = bytes[from]!;
      const start = from + 1 + pointer;
      if (start > end) return this.#reset(done);
      if (this.#collecting) this.#take(bytes.subarray(from + 1, start), copy, done);
      this.#reset(done);
      from = start;
      this.#collecting = true;
    } else if (!this.#collecting) return done;
    this.#take(bytes.subarray(from, end), copy, done);
    return done;
  }

  #reset(done: Section[]): Section[] {
    this.#packets = [];
    this.#bytes = [];
    this.#collecting = false;
    return done;
  }

  #take(payload: Uint8Array, packet: Uint8Array, done: Section[]): void {
    this.#packets.push(packet);
    for (const byte of payload) this.#bytes.push(byte);
    while (this.#collecting) {
      if (this.#bytes.length >= 1 && this.#bytes[0] === 0xff) return void this.#reset(done);
      if (this.#bytes.length < 3) return;
      const length = 3 + (((this.#bytes[1]! & 0x0f) << 8) | this.#bytes[2]!);
      if (length > MAX_SECTION_BYTES || this.#packets.length > MAX_SECTION_PACKETS) return void this.#reset(done);
      if (this.#bytes.length < length) return;
      const section = Uint8Array.from(this.#bytes.splice(0, length));
      if (crc32(section) === 0) done.push({ bytes: section, packets: concat(this.#packets) });
      this.#packets = [packet];
    }
  }
}

/** Programs of a PAT section (table_id 0); undefined when it is something else or not yet in force. §2.4.4.3. */
export function parsePat(section: Uint8Array): PatEntry[] | undefined {
  if (section[0] !== 0x00 || section.length < 12 || (section[5]! & 1) === 0) return undefined;
  const entries: PatEntry[] = [];
  for (let at = 8; at + 4 <= section.length - 4; at += 4) {
    const programNumber = (section[at]! << 8) | section[at + 1]!;
    const pmtPid = ((section[at + 2]! & 0x1f) << 8) | section[at + 3]!;
    if (programNumber !== 0 && pmtPid !== PAT_PID && pmtPid !== NULL_PID) entries.push({ programNumber, pmtPid });
  }
  return entries;
}

/** The program of a PMT section (table_id 2); undefined when it is something else or not yet in force. §2.4.4.8. */
export function parsePmt(section: Uint8Array, pmtPid: number): Program | undefined {
  if (section[0] !== 0x02 || section.length < 16 || (section[5]! & 1) === 0) return undefined;
  const end = section.length - 4;
  const streams: ElementaryStream[] = [];
  let at = 12 + (((section[10]! & 0x0f) << 8) | section[11]!);
  while (at + 5 <= end) {
    const streamType = section[at]!;
    const pid = ((section[at + 1]! & 0x1f) << 8) | section[at + 2]!;
    const infoLength = ((section[at + 3]! & 0x0f) << 8) | section[at + 4]!;
    const codec = codecOf(streamType, section.subarray(at + 5, Math.min(at + 5 + infoLength, end)));
    streams.push({ pid, streamType, codec, kind: kindOf(codec) });
    at += 5 + infoLength;
  }
  return {
    programNumber: (section[3]! << 8) | section[4]!,
    pmtPid,
    pcrPid: ((section[8]! & 0x1f) << 8) | section[9]!,
    streams,
  };
}

const CODEC_OF_TYPE: Readonly<Record<number, string>> = {
  1: 'mpeg1video',
  2: 'mpeg2video',
  3: 'mp2',
  4: 'mp2',
  15: 'aac',
  16: 'mpeg4video',
  17: 'aac_latm',
  27: 'h264',
  36: 'hevc',
  51: 'vvc',
  66: 'cavs',
  129: 'ac3',
  130: 'dts',
  134: 'scte35',
  135: 'eac3',
  234: 'vc1',
};
const CODEC_OF_DESCRIPTOR: Readonly<Record<number, string>> = {
  86: 'teletext',
  89: 'dvbsub',
  106: 'ac3',
  122: 'eac3',
  123: 'dts',
  124: 'aac',
};
const CODEC_OF_REGISTRATION: Readonly<Record<string, string>> = {
  HEVC: 'hevc',
  'AC-3': 'ac3',
  EAC3: 'eac3',
  Opus: 'opus',
  'VC-1': 'vc1',
};
const VIDEO: ReadonlySet<string> = new Set('mpeg1video mpeg2video mpeg4video h264 hevc vvc cavs vc1'.split(' '));
const AUDIO: ReadonlySet<string> = new Set('mp2 aac aac_latm ac3 eac3 dts opus'.split(' '));

/** What a stream is: by its type, for private data (type 6 and user types) by its descriptors. */
function codecOf(streamType: number, descriptors: Uint8Array): string {
  const known = CODEC_OF_TYPE[streamType];
  if (known !== undefined) return known;
  for (let at = 0; at + 2 <= descriptors.length; at += 2 + descriptors[at + 1]!) {
    const tag = descriptors[at]!;
    const codec =
      tag === 5
        ? CODEC_OF_REGISTRATION[String.fromCharCode(...descriptors.subarray(at + 2, at + 6))]
        : CODEC_OF_DESCRIPTOR[tag];
    if (codec !== undefined) return codec;
  }
  return `type_${streamType}`;
}

function kindOf(codec: string): ElementaryStream['kind'] {
  if (VIDEO.has(codec)) return 'video';
  return AUDIO.has(codec) ? 'audio' : 'other';
}

const CRC_TABLE: Uint32Array = Uint32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 24;
  for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  return crc >>> 0;
});

/** CRC of Annex A. Over a section with its own CRC at the end the result is 0. */
export function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = ((crc << 8) ^ CRC_TABLE[((crc >>> 24) ^ byte) & 0xff]!) >>> 0;
  return crc;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.length * PACKET_BYTES);
  parts.forEach((part, index) => {
    whole.set(part, index * PACKET_BYTES);
  });
  return whole;
}
