import { PACKET_BYTES, payloadAt } from './packet.ts';

/** 2^33: where 90 kHz timestamps start again at 0. */
const TIMESTAMP_WRAP: number = 2 ** 33;

/** Timestamps of a PES packet in ticks of 90 kHz; without a DTS of its own, decoding is when presentation is. */
export interface PesTimes {
  readonly pts: number;
  readonly dts: number;
}

/** The timestamps of the PES that starts in the packet at `at`; undefined where there are none. §2.4.3.6, §2.4.3.7. */
export function pesTimes(bytes: Uint8Array, at: number): PesTimes | undefined {
  const from = payloadAt(bytes, at);
  const end = at + PACKET_BYTES;
  if (from + 14 > end || !isPesStart(bytes, from)) return undefined;
  const flags = bytes[from + 7]! >> 6;
  if (flags < 2) return undefined;
  const pts = timestampAt(bytes, from + 9);
  return { pts, dts: flags === 3 && from + 19 <= end ? timestampAt(bytes, from + 14) : pts };
}

/** Bytes of the whole PES, header included, that starts in the packet at `at`; 0 when it does not say. */
export function pesBytes(bytes: Uint8Array, at: number): number {
  const from = payloadAt(bytes, at);
  if (from + 6 > at + PACKET_BYTES || !isPesStart(bytes, from)) return 0;
  const length = (bytes[from + 4]! << 8) | bytes[from + 5]!;
  return length === 0 ? 0 : 6 + length;
}

/** Milliseconds from one timestamp to another, the shorter way round: negative when it is the earlier one. */
export function msBetween(from: number, to: number): number {
  const distance = (((to - from) % TIMESTAMP_WRAP) + TIMESTAMP_WRAP) % TIMESTAMP_WRAP;
  return (distance >= TIMESTAMP_WRAP / 2 ? distance - TIMESTAMP_WRAP : distance) / 90;
}

function isPesStart(bytes: Uint8Array, from: number): boolean {
  return bytes[from] === 0 && bytes[from + 1] === 0 && bytes[from + 2] === 1;
}

function timestampAt(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! >> 1) & 7) * 2 ** 30 +
    ((bytes[at + 1]! << 22) | ((bytes[at + 2]! >> 1) << 15) | (bytes[at + 3]! << 7) | (bytes[at + 4]! >> 1))
  );
}
