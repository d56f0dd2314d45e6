/**
 * Fields of a transport packet, ISO/IEC 13818-1 §2.4.3. Every function takes the bytes and the offset of a packet's
 * sync byte; nothing is copied or checked: callers hand in whole packets.
 *
 *   0        1                2         3                      4 …
 *   0x47     TEI PUSI pri PID(13 bit)   TSC(2) AFC(2) CC(4)    adaptation field, payload
 */
export const PACKET_BYTES = 188;
export const SYNC_BYTE = 0x47;
export const PAT_PID = 0;
export const NULL_PID = 0x1fff;
/** 2^33 ticks of 90 kHz, in ticks of 27 MHz: where a PCR starts again at 0. */
export const PCR_WRAP: number = 2 ** 33 * 300;
/** Ticks of the 27 MHz system clock in a millisecond. */
export const PCR_TICKS_PER_MS = 27_000;

export const pidOf = (bytes: Uint8Array, at: number): number => ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!;

/** A PES packet or a PSI section starts in this packet. */
export const startsUnit = (bytes: Uint8Array, at: number): boolean => (bytes[at + 1]! & 0x40) !== 0;

export const isScrambled = (bytes: Uint8Array, at: number): boolean => (bytes[at + 3]! & 0xc0) !== 0;

export const hasPayload = (bytes: Uint8Array, at: number): boolean => (bytes[at + 3]! & 0x10) !== 0;

export const continuityOf = (bytes: Uint8Array, at: number): number => bytes[at + 3]! & 0x0f;

const hasAdaptationFlags = (bytes: Uint8Array, at: number): boolean =>
  (bytes[at + 3]! & 0x20) !== 0 && bytes[at + 4]! > 0;

export const isRandomAccess = (bytes: Uint8Array, at: number): boolean =>
  hasAdaptationFlags(bytes, at) && (bytes[at + 5]! & 0x40) !== 0;

export const isDiscontinuity = (bytes: Uint8Array, at: number): boolean =>
  hasAdaptationFlags(bytes, at) && (bytes[at + 5]! & 0x80) !== 0;

/** Offset of the payload; `at + 188` or more when the adaptation field leaves none. */
export const payloadAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at + 3]! & 0x20) !== 0 ? at + 5 + bytes[at + 4]! : at + 4;

/** The PCR in ticks of 27 MHz, [0, 2^33 × 300); -1 where the packet has none. §2.4.3.5. */
export function pcrOf(bytes: Uint8Array, at: number): number {
  if (!hasAdaptationFlags(bytes, at) || bytes[at + 4]! < 7 || (bytes[at + 5]! & 0x10) === 0) return -1;
  const base =
    bytes[at + 6]! * 2 ** 25 +
    ((bytes[at + 7]! << 17) | (bytes[at + 8]! << 9) | (bytes[at + 9]! << 1) | (bytes[at + 10]! >> 7));
  return base * 300 + (((bytes[at + 10]! & 1) << 8) | bytes[at + 11]!);
}

/** A null packet (PID 0x1FFF): decoders drop it, sockets stay busy. Its continuity counter is undefined. */
export function nullPacket(): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES).fill(0xff);
  packet.set([SYNC_BYTE, 0x1f, 0xff, 0x10]);
  return packet;
}

/**
 * A packet that carries nothing but `discontinuity_indicator = 1` (§2.4.3.4), to stand before the first packet of a
 * PID after a cut. Without payload the counter does not advance: it is one less than the next packet's.
 *
 * @param nextContinuity continuity counter of the packet that follows on this PID
 */
export function discontinuityPacket(pid: number, nextContinuity: number): Uint8Array {
  const packet = new Uint8Array(PACKET_BYTES).fill(0xff);
  packet.set([SYNC_BYTE, pid >> 8, pid & 0xff, 0x20 | ((nextContinuity + 15) & 0x0f), PACKET_BYTES - 5, 0x80]);
  return packet;
}
