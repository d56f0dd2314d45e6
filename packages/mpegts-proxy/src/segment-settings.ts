import type { SegmentsOptions } from './segment-contract.ts';

type Durations = Required<Pick<SegmentsOptions, 'targetDurationMs' | 'partDurationMs' | 'behindMs' | 'aheadMs'>>;

const TARGET_DURATIONS_BEHIND = 5;
const TARGET_DURATIONS_AHEAD = 8;
const HOUR_MS = 3_600_000;

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a duration out of bounds
 */
export function resolveSegmentSettings(options: SegmentsOptions): Durations {
  const targetDurationMs = bounded('targetDurationMs', options.targetDurationMs ?? 6_000, 1_000, 60_000);
  return {
    targetDurationMs,
    partDurationMs: bounded('partDurationMs', options.partDurationMs ?? 333, 100, targetDurationMs),
    behindMs: bounded('behindMs', options.behindMs ?? TARGET_DURATIONS_BEHIND * targetDurationMs, 0, HOUR_MS),
    aheadMs: bounded(
      'aheadMs',
      options.aheadMs ?? TARGET_DURATIONS_AHEAD * targetDurationMs,
      targetDurationMs,
      HOUR_MS,
    ),
  };
}

function bounded(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} must be from ${min} to ${max} ms, not ${value}`);
}
