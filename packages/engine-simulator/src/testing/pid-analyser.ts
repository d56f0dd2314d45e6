import { CLOCK_WRAP, modulo } from '../playout/timeline.ts';
import { readPcr, readTimestamp } from '../playout/timestamps.ts';
import { isRandomAccess, VIDEO_STREAM_TYPES } from './classify-picture.ts';
import type { ContinuityError, Keyframe, PcrPoint, PidReport, TimestampError } from './ts-report.ts';

/** Bytes of a picture kept to find its first slice, behind parameter sets and SEI. */
const PICTURE_BYTES = 16_384;

/** Stream ids whose PES packets have no flags and timestamps: maps, padding, ECM and the like (§2.4.3.7). */
const BARE_STREAM_IDS: ReadonlySet<number> = new Set([0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff]);

/** Where the analysers of all PIDs write. */
export interface PidFindings {
  readonly continuityErrors: ContinuityError[];
  readonly timestampErrors: TimestampError[];
  readonly keyframes: Keyframe[];
  readonly pcrs: PcrPoint[];
}

interface OpenPicture {
  readonly offset: number;
  readonly pts: number | undefined;
  readonly flagged: boolean;
  readonly parts: Uint8Array[];
  length: number;
}

/** Follows one PID from packet to packet. */
export class PidAnalyser {
  streamType: number | undefined;
  /** Of its first packet. */
  firstOffset: number | undefined;
  readonly #pid: number;
  readonly #findings: PidFindings;
  #packets = 0;
  #payloadPackets = 0;
  #scrambled = 0;
  #duplicates = 0;
  #discontinuities = 0;
  #pesPackets = 0;
  #pesErrors = 0;
  #last: { readonly counter: number; readonly packet: Uint8Array; readonly repeated: boolean } | undefined;
  #pcrTicks: number | undefined;
  #dts: number | undefined;
  #firstDts: number | undefined;
  #dtsStep: { min: number; max: number } | undefined;
  #flaggedSinceDts = false;
  #picture: OpenPicture | undefined;

  constructor(pid: number, findings: PidFindings) {
    this.#pid = pid;
    this.#findings = findings;
  }

  /** Takes a packet; returns its payload, if it has one that is new and in the clear. */
  packet(packet: Uint8Array, offset: number): Uint8Array | undefined {
    this.#packets++;
    this.firstOffset ??= offset;
    const hasField = (packet[3]! & 0x20) !== 0;
    const hasPayload = (packet[3]! & 0x10) !== 0;
    const fieldBytes = hasField ? 1 + packet[4]! : 0;
    const flags = hasField && packet[4]! > 0 ? packet[5]! : 0;
    const flagged = (flags & 0x80) !== 0;
    if (flagged) {
      this.#discontinuities++;
      this.#flaggedSinceDts = true;
    }
    if (flags & 0x10 && packet[4]! >= 7) this.#pcr(readPcr(packet, 6), offset, flagged);
    if (hasPayload) this.#payloadPackets++;
    if (!this.#continues(packet, offset, hasPayload, flagged)) return undefined;
    if (packet[3]! & 0xc0) {
      this.#scrambled++;
      return undefined;
    }
    if (!hasPayload || 4 + fieldBytes >= packet.length) return undefined;
    const payload = packet.subarray(4 + fieldBytes);
    this.#payload(payload, offset, (packet[1]! & 0x40) !== 0, (flags & 0x40) !== 0);
    return payload;
  }

  /** To be called after the last packet: the last picture ends here. */
  finish(): void {
    this.#closePicture();
  }

  report(): PidReport {
    return {
      pid: this.#pid,
      streamType: this.streamType,
      packets: this.#packets,
      payloadPackets: this.#payloadPackets,
      scrambledPackets: this.#scrambled,
      duplicates: this.#duplicates,
      discontinuities: this.#discontinuities,
      pesPackets: this.#pesPackets,
      pesErrors: this.#pesErrors,
      dts: this.#firstDts === undefined ? undefined : { first: this.#firstDts, last: this.#dts! },
      dtsStep: this.#dtsStep,
    };
  }

  /** Checks the counter; false for a permitted duplicate. */
  #continues(packet: Uint8Array, offset: number, hasPayload: boolean, flagged: boolean): boolean {
    const found = packet[3]! & 0x0f;
    const last = this.#last;
    if (
      last &&
      hasPayload &&
      !flagged &&
      found === last.counter &&
      !last.repeated &&
      sameContent(packet, last.packet)
    ) {
      this.#duplicates++;
      this.#last = { ...last, repeated: true };
      return false;
    }
    const expected = last && (last.counter + (hasPayload ? 1 : 0)) & 0x0f;
    if (expected !== undefined && found !== expected) {
      this.#findings.continuityErrors.push({ offset, pid: this.#pid, expected, found, flagged });
    }
    this.#last = {
      counter: found,
      packet: hasPayload ? packet.slice() : (last?.packet ?? packet.slice()),
      repeated: false,
    };
    return true;
  }

  #pcr(raw: number, offset: number, flagged: boolean): void {
    const wrap = CLOCK_WRAP * 300;
    this.#pcrTicks = this.#pcrTicks === undefined ? raw : nearest(raw, this.#pcrTicks, wrap);
    this.#findings.pcrs.push({ offset, pid: this.#pid, ticks: this.#pcrTicks, flagged });
  }

  #payload(payload: Uint8Array, offset: number, startsUnit: boolean, randomAccess: boolean): void {
    const isPes = startsUnit && payload.length >= 9 && payload[0] === 0 && payload[1] === 0 && payload[2] === 1;
    if (!isPes) {
      this.#extendPicture(payload);
      return;
    }
    this.#closePicture();
    this.#pesPackets++;
    if (BARE_STREAM_IDS.has(payload[3]!)) return;
    const times = payload[7]! >> 6;
    const pts = times & 2 ? readTimestamp(payload, 9) : undefined;
    const dts = times === 3 ? readTimestamp(payload, 14) : pts;
    if (!isWellFormed(payload, times)) this.#pesErrors++;
    if (dts !== undefined) this.#decodingTime(dts, offset);
    if (!VIDEO_STREAM_TYPES.has(this.streamType ?? -1)) return;
    this.#picture = { offset, pts, flagged: randomAccess, parts: [], length: 0 };
    this.#extendPicture(payload.subarray(9 + payload[8]!));
  }

  #decodingTime(raw: number, offset: number): void {
    const previous = this.#dts;
    const current = previous === undefined ? raw : nearest(raw, previous, CLOCK_WRAP);
    const flagged = this.#flaggedSinceDts;
    this.#dts = current;
    this.#firstDts ??= current;
    this.#flaggedSinceDts = false;
    if (previous === undefined) return;
    if (current <= previous) {
      this.#findings.timestampErrors.push({ offset, pid: this.#pid, previous, current, flagged });
    }
    const step = current - previous;
    this.#dtsStep ??= { min: step, max: step };
    this.#dtsStep.min = Math.min(this.#dtsStep.min, step);
    this.#dtsStep.max = Math.max(this.#dtsStep.max, step);
  }

  #extendPicture(bytes: Uint8Array): void {
    if (!this.#picture || this.#picture.length >= PICTURE_BYTES) return;
    this.#picture.parts.push(bytes.slice());
    this.#picture.length += bytes.length;
  }

  #closePicture(): void {
    const picture = this.#picture;
    this.#picture = undefined;
    if (!picture || this.streamType === undefined) return;
    const { offset, pts, flagged } = picture;
    const coded = isRandomAccess(this.streamType, Buffer.concat(picture.parts));
    if (coded ?? flagged) this.#findings.keyframes.push({ offset, pid: this.#pid, pts, flagged });
  }
}

/** The value congruent to `raw` that is nearest to `reference`. */
function nearest(raw: number, reference: number, wrap: number): number {
  return reference + modulo(raw - reference + wrap / 2, wrap) - wrap / 2;
}

/** Whether the fixed bits around the timestamps of a PES header are right (ISO/IEC 13818-1 §2.4.3.6). */
function isWellFormed(header: Uint8Array, times: number): boolean {
  const fixed = (at: number, prefix: number): boolean =>
    header[at]! >> 4 === prefix && (header[at]! & header[at + 2]! & header[at + 4]! & 1) === 1;
  if (header[6]! >> 6 !== 2 || times === 1 || header[8]! < [0, 0, 5, 10][times]!) return false;
  return (times < 2 || fixed(9, times)) && (times < 3 || fixed(14, 1));
}

/** Equal but for the adaptation field, in which a duplicate may carry a PCR of its own. */
function sameContent(a: Uint8Array, b: Uint8Array): boolean {
  const start = (packet: Uint8Array): number => (packet[3]! & 0x20 ? 5 + packet[4]! : 4);
  return a[1] === b[1] && Buffer.compare(a.subarray(start(a)), b.subarray(start(b))) === 0;
}
