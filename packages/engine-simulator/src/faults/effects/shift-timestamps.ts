import { CLOCK_WRAP, modulo } from '../../playout/timeline.ts';
import { readPcr, readTimestamp, writePcr, writeTimestamp } from '../../playout/timestamps.ts';

/** Adds `shiftTicks` of 90 kHz, modulo 2^33, to the PCR, PTS and DTS of one packet, in place. */
export function shiftTimestamps(packet: Uint8Array, shiftTicks: number): void {
  const shifted = (ticks: number): number => modulo(ticks + Math.round(shiftTicks), CLOCK_WRAP);
  const hasAdaptation = (packet[3]! & 0x20) !== 0;
  const hasPayload = (packet[3]! & 0x10) !== 0;
  if (hasAdaptation && packet[4]! >= 7 && (packet[5]! & 0x10) !== 0) {
    const pcr = readPcr(packet, 6);
    writePcr(packet, 6, shifted(Math.floor(pcr / 300)), pcr % 300);
  }
  const startsUnit = (packet[1]! & 0x40) !== 0;
  if (!startsUnit || !hasPayload) return;
  const pes = hasAdaptation ? 5 + packet[4]! : 4;
  if (pes + 19 > packet.length || packet[pes] !== 0 || packet[pes + 1] !== 0 || packet[pes + 2] !== 1) return;
  const streamId = packet[pes + 3]!;
  const isMedia = (streamId >= 0xc0 && streamId <= 0xef) || streamId === 0xbd;
  if (!isMedia) return;
  const flags = packet[pes + 7]! >> 6;
  for (const at of flags === 3 ? [pes + 9, pes + 14] : flags === 2 ? [pes + 9] : []) {
    writeTimestamp(packet, at, shifted(readTimestamp(packet, at)));
  }
}
