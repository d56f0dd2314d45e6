import type { Part, Segment } from '@acestream-orchestrator/hls-proxy';
import { millisecondsBetween, segmentStart } from './segment-start.ts';

/** Repeated segments that are left out at most: one engine may be behind the other, and never catch up. */
const maxRepeats = 8;
/** What lies further back is no repetition: it is another time base. */
const maxRepeatMs = 120_000;
/** Two engines may cut a segment of the same media a few frames apart. */
const toleranceMs = 200;

export interface FreshSegmentsOptions {
  /** Where the media that viewers have ends, in ticks of 90 kHz; undefined where nobody knows. */
  readonly position: () => number | undefined;
  /** What comes next is new to viewers, were nothing else to deliver. */
  readonly onCaughtUp: () => void;
}

/**
 * The segments of a source, without those at its beginning whose media viewers have from another one: an engine's
 * playlist begins up to a minute and a half in the past. With each the place where its media ends.
 */
export async function* freshSegments(
  segments: AsyncIterable<Segment>,
  { position, onCaughtUp }: FreshSegmentsOptions,
): AsyncGenerator<{ readonly segment: Segment; readonly end: number | undefined }, void, undefined> {
  let isFresh = false;
  let repeats = 0;
  for await (const segment of segments) {
    const parts: Part[] = [];
    for await (const part of segment.parts) parts.push(part);
    const { expectedDurationMs: durationMs = 0 } = segment;
    const start = segmentStart(parts.flatMap(({ data }) => data));
    const end = start === undefined ? undefined : start + durationMs * 90;
    if (!isFresh) {
      const aheadMs = aheadOf(position(), end);
      isFresh = repeats === maxRepeats || aheadMs > toleranceMs || aheadMs < -maxRepeatMs;
      if (aheadMs > -durationMs) onCaughtUp();
    }
    if (isFresh) yield { segment: { ...segment, parts: each(parts) }, end };
    else repeats++;
  }
}

/** How much further a segment reaches than what viewers have; what cannot be compared is all new. */
function aheadOf(position: number | undefined, end: number | undefined): number {
  return position === undefined || end === undefined ? Number.POSITIVE_INFINITY : millisecondsBetween(position, end);
}

async function* each(parts: readonly Part[]): AsyncGenerator<Part, void, undefined> {
  yield* parts;
}
