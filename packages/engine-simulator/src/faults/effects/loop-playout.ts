import type { Playout } from '../../playout/playout.ts';
import { modulo, PACKET_BYTES } from '../../playout/timeline.ts';

/**
 * `inner`, but from the byte offset `from` on a stretch of `periodMs` that was live `ageMs` earlier repeats for ever,
 * timestamps and all. The offsets go on as before.
 */
export function loopPlayout(
  inner: Playout,
  { from, ageMs, periodMs }: { readonly from: number; readonly ageMs: number; readonly periodMs: number },
): Playout {
  const startMs = inner.timeOf(from) - ageMs;
  const start = inner.offsetAt(startMs);
  const period = Math.max(PACKET_BYTES, inner.offsetAt(startMs + periodMs) - start);
  // A packet under way at `from` is finished first.
  const first = Math.ceil(from / PACKET_BYTES) * PACKET_BYTES;

  return {
    bytesPerSecond: inner.bytesPerSecond,
    loopBytes: inner.loopBytes,
    offsetAt: (wallMs) => inner.offsetAt(wallMs),
    timeOf: (offset) => inner.timeOf(offset),
    read: (offset, length) => {
      const bytes = new Uint8Array(length);
      for (let done = 0; done < length; ) {
        const at = offset + done;
        const within = modulo(at - first, period);
        const run = at < first ? Math.min(length - done, first - at) : Math.min(length - done, period - within);
        bytes.set(inner.read(at < first ? at : start + within, run), done);
        done += run;
      }
      return bytes;
    },
  };
}
