/** Bytes in a transport packet (ISO/IEC 13818-1 §2.4.3.2). */
export const PACKET_BYTES = 188;

/**
 * Offset 0 of a channel is due at this time (2025-01-01T00:00:00Z) plus the channel's phase. A late epoch keeps byte
 * offsets below 2^53: at 400 Mbit/s until 2030, at 8 Mbit/s for centuries. Earlier times have negative offsets.
 */
export const EPOCH_MS = 1_735_689_600_000;

/** Values of a PCR base, PTS or DTS: 33 bits of 90 kHz. */
export const CLOCK_WRAP: number = 2 ** 33;

/** Remainder with the sign of the divisor, so that times before the epoch work. */
export const modulo = (value: number, divisor: number): number => ((value % divisor) + divisor) % divisor;

/** A constant-rate loop of packets repeated for ever: which packet is due when. */
export interface LoopTimeline {
  /** Unix ms at which packet 0 is due; a whole number. */
  readonly originMs: number;
  /** Length of one loop, in whole ms. */
  readonly durationMs: number;
  readonly packetsPerLoop: number;
}

/** Unix ms at which the byte at `offset` is due. */
export function timeOfByte(timeline: LoopTimeline, offset: number): number {
  const loopBytes = timeline.packetsPerLoop * PACKET_BYTES;
  const iteration = Math.floor(offset / loopBytes);
  const within = offset - iteration * loopBytes;
  return timeline.originMs + iteration * timeline.durationMs + (within * timeline.durationMs) / loopBytes;
}

/** The first packet that is not due yet at `wallMs` (a packet due exactly then is due). */
export function firstPacketAfter(timeline: LoopTimeline, wallMs: number): number {
  const { durationMs, packetsPerLoop } = timeline;
  const sinceMs = wallMs - timeline.originMs;
  const iteration = Math.floor(sinceMs / durationMs);
  const within = ((sinceMs - iteration * durationMs) * packetsPerLoop) / durationMs;
  let packet = iteration * packetsPerLoop + Math.floor(within) + 1;
  // Rounding may be one packet off; the answer must agree with timeOfByte.
  while (timeOfByte(timeline, (packet - 1) * PACKET_BYTES) > wallMs) packet -= 1;
  while (timeOfByte(timeline, packet * PACKET_BYTES) <= wallMs) packet += 1;
  return packet;
}

/**
 * The bytes `[offset, offset + length)` of a stream that can be rendered packet by packet. The memory is the caller's.
 *
 * @throws RangeError when offset or length is not a safe integer, or length is negative.
 */
export function readUnaligned(
  offset: number,
  length: number,
  render: (target: Uint8Array, packet: number, count: number) => void,
): Uint8Array {
  if (!Number.isSafeInteger(offset)) throw new RangeError(`read: offset must be a safe integer, got ${offset}`);
  if (!Number.isSafeInteger(length) || length < 0) throw new RangeError(`read: length must be >= 0, got ${length}`);
  const first = Math.floor(offset / PACKET_BYTES);
  const count = Math.ceil((offset + length) / PACKET_BYTES) - first;
  const packets = Buffer.allocUnsafeSlow(count * PACKET_BYTES);
  render(packets, first, count);
  const skip = offset - first * PACKET_BYTES;
  return packets.subarray(skip, skip + length);
}
