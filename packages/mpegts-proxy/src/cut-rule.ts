/** What decides whether a segment may end before an access unit. Times in milliseconds. */
export interface CutSituation {
  /** From the segment's start to the unit. */
  readonly elapsedMs: number;
  /** From a unit to the next. */
  readonly stepMs: number;
  /** From the last keyframe to the unit: if it is a keyframe, the next one may be as far; 0 where there was none. */
  readonly keyframeDistanceMs: number;
  readonly targetDurationMs: number;
}

/** Cutting is worth while from two thirds of the target on: at 4 s of 6. */
const WORTHWHILE = 2 / 3;
/** Rounding of timestamps. */
const TOLERANCE_MS = 0.5;

/**
 * `must`: another unit would make the segment longer than the target. `at-keyframe`: here if the unit is a keyframe,
 * because the segment is long enough, or because the next keyframe would come too late. `no`: go on.
 */
export function cutRule(situation: CutSituation): 'must' | 'at-keyframe' | 'no' {
  const { elapsedMs, stepMs, keyframeDistanceMs, targetDurationMs } = situation;
  const limitMs = targetDurationMs + TOLERANCE_MS;
  if (elapsedMs <= 0) return 'no';
  if (elapsedMs + stepMs > limitMs) return 'must';
  if (elapsedMs + TOLERANCE_MS >= targetDurationMs * WORTHWHILE) return 'at-keyframe';
  return keyframeDistanceMs > 0 && elapsedMs + keyframeDistanceMs > limitMs ? 'at-keyframe' : 'no';
}
