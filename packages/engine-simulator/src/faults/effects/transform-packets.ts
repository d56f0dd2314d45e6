import type { Playout } from '../../playout/playout.ts';
import { PACKET_BYTES, readUnaligned } from '../../playout/timeline.ts';

/** `inner` with a change made to every packet that begins at or after the byte offset `from`. The offsets stay. */
export function transformPackets(inner: Playout, from: number, transform: (packet: Uint8Array) => void): Playout {
  return {
    bytesPerSecond: inner.bytesPerSecond,
    loopBytes: inner.loopBytes,
    offsetAt: (wallMs) => inner.offsetAt(wallMs),
    timeOf: (offset) => inner.timeOf(offset),
    read: (offset, length) =>
      readUnaligned(offset, length, (target, firstPacket, count) => {
        target.set(inner.read(firstPacket * PACKET_BYTES, count * PACKET_BYTES));
        for (let index = 0; index < count; index += 1) {
          if ((firstPacket + index) * PACKET_BYTES < from) continue;
          transform(target.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES));
        }
      }),
  };
}
