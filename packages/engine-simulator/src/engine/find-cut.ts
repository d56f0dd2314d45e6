import type { Playout } from '../playout/playout.ts';
import { CLOCK_WRAP, modulo, PACKET_BYTES } from '../playout/timeline.ts';
import { readTimestamp } from '../playout/timestamps.ts';

/** Where a segment may begin: at a PAT, with a keyframe behind it. */
export interface Cut {
  /** Byte offset of the PAT. */
  readonly offset: number;
  /** 33-bit PTS of the keyframe (of the first access unit, where there is no video). */
  readonly ptsTicks: number;
}

/** Keyframes are at most this far apart in the simulator's streams; where none comes, there is no video. */
const LOOK_AHEAD_MS = 3_000;
const BLOCK_PACKETS = 256;

/**
 * The first cut at or after `fromMs`: the last PAT before a video keyframe or, in a stream without video, the first PAT
 * that an access unit follows. `undefined` when the stream has neither.
 */
export function findCut(playout: Playout, fromMs: number): Cut | undefined {
  const end = playout.offsetAt(fromMs + LOOK_AHEAD_MS);
  let pat: number | undefined;
  let withoutVideo: Cut | undefined;
  for (let start = playout.offsetAt(fromMs); start < end; start += BLOCK_PACKETS * PACKET_BYTES) {
    const block = playout.read(start, BLOCK_PACKETS * PACKET_BYTES);
    for (let at = 0; at < block.length; at += PACKET_BYTES) {
      const startsUnit = (block[at + 1]! & 0x40) !== 0;
      if (!startsUnit) continue;
      if ((((block[at + 1]! & 0x1f) << 8) | block[at + 2]!) === 0) {
        pat = start + at;
        continue;
      }
      const unit = pat === undefined ? undefined : readUnitStart(block, at);
      if (pat === undefined || unit === undefined) continue;
      const cut = { offset: pat, ptsTicks: unit.ptsTicks };
      if (unit.video && unit.randomAccess) return cut;
      if (!unit.video) withoutVideo ??= cut;
    }
  }
  return withoutVideo;
}

/** Time from one cut to the next, in seconds. */
export function secondsBetween(from: Cut, to: Cut): number {
  return modulo(to.ptsTicks - from.ptsTicks, CLOCK_WRAP) / 90_000;
}

/** The PES header in a packet that starts an access unit, or `undefined` when it is no audio or video with a PTS. */
function readUnitStart(
  block: Uint8Array,
  at: number,
): { readonly video: boolean; readonly randomAccess: boolean; readonly ptsTicks: number } | undefined {
  const adaptationBytes = block[at + 3]! & 0x20 ? 1 + block[at + 4]! : 0;
  const pes = at + 4 + adaptationBytes;
  const streamId = block[pes + 3]!;
  const isMedia = streamId >= 0xc0 && streamId <= 0xef;
  const startsPes = block[pes] === 0 && block[pes + 1] === 0 && block[pes + 2] === 1;
  if (pes + 14 > at + PACKET_BYTES || !startsPes || !isMedia || !(block[pes + 7]! & 0x80)) return undefined;
  return {
    video: streamId >= 0xe0,
    randomAccess: adaptationBytes > 1 && (block[at + 5]! & 0x40) !== 0,
    ptsTicks: readTimestamp(block, pes + 9),
  };
}
