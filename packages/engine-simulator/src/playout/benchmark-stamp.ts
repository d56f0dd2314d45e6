import { PACKET_BYTES } from './timeline.ts';

/**
 * The last 16 bytes of every packet of a benchmark stream: its sequence number, then the unix time it is due in µs, each
 * as eight groups of 7 bits under a set high bit. No byte is 0x00 or 0x47, so a stamp is never taken for a start code
 * or a sync byte; in PAT and PMT packets it lies in the stuffing after the section.
 */
const STAMP_AT: number = PACKET_BYTES - 16;

const LOW = 2 ** 28;

function write56(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / LOW);
  const low = value - high * LOW;
  bytes[at] = (high >>> 21) | 0x80;
  bytes[at + 1] = (high >>> 14) | 0x80;
  bytes[at + 2] = (high >>> 7) | 0x80;
  bytes[at + 3] = high | 0x80;
  bytes[at + 4] = (low >>> 21) | 0x80;
  bytes[at + 5] = (low >>> 14) | 0x80;
  bytes[at + 6] = (low >>> 7) | 0x80;
  bytes[at + 7] = low | 0x80;
}

function read28(bytes: Uint8Array, at: number): number {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  return (a & b & c & d) < 0x80 ? Number.NaN : ((a & 127) << 21) | ((b & 127) << 14) | ((c & 127) << 7) | (d & 127);
}

/** Stamps the packet at `at`. Both values are whole numbers from 0 to 2^53. */
export function writeStamp(bytes: Uint8Array, at: number, sequence: number, dueMicros: number): void {
  write56(bytes, at + STAMP_AT, sequence);
  write56(bytes, at + STAMP_AT + 8, dueMicros);
}

/** The sequence number of the packet at `at`; `undefined` when it bears no stamp (a null packet, say). */
export function readSequence(bytes: Uint8Array, at: number): number | undefined {
  const sequence = read28(bytes, at + STAMP_AT) * LOW + read28(bytes, at + STAMP_AT + 4);
  return Number.isSafeInteger(sequence) ? sequence : undefined;
}

/** The unix time in ms at which the packet at `at` was due; NaN when it bears no stamp. */
export function readDueMs(bytes: Uint8Array, at: number): number {
  return (read28(bytes, at + STAMP_AT + 8) * LOW + read28(bytes, at + STAMP_AT + 12)) / 1000;
}
