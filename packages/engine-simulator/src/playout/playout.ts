/**
 * The endless stream of one channel: an infinite array of bytes addressed by an absolute offset. The bytes are a
 * function of the infohash and the offset alone, and an offset is due at one moment of the wall clock, so two processes
 * send the same bytes as engines of one swarm do.
 *
 *     offset   … ─┬────────── loop n ──────────┬──────── loop n+1 ────────┬─ …
 *     due         timeOf(offset): constant rate, no gap at the seam
 *     PCR         = the unix time the packet is due × 27 MHz, modulo the 33-bit wrap: bytes tell their age
 *     PTS, DTS    the same shift; continuity counters run on across the seam
 *
 * Channels that play the same loop differ in phase (so in PCR, PTS, DTS and counters), transport stream id and service
 * name, all taken from the infohash and name.
 */
export interface Playout {
  /** Exact average rate over a loop, which is also the rate at any time. */
  readonly bytesPerSecond: number;
  /** Length of one loop. Offsets that are multiples of it begin with SDT, PAT, PMT and a keyframe. */
  readonly loopBytes: number;
  /** The first packet boundary that is not due yet at `wallMs` (unix ms); `offsetAt(t) - n` is older. */
  offsetAt(wallMs: number): number;
  /** Unix ms at which the byte at `offset` is due. */
  timeOf(offset: number): number;
  /**
   * The bytes `[offset, offset + length)`; neither has to be aligned, and offset may be negative (before 2025). The
   * memory is new and the caller's.
   *
   * @throws RangeError when offset or length is not a safe integer, or length is negative.
   */
  read(offset: number, length: number): Uint8Array;
}
