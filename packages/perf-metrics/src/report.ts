import { middleMs } from './duration-buckets.ts';
import type { WindowTotals } from './seconds-ring.ts';

/** What one operation did in the window. All zeros when nothing was recorded. */
export interface OperationReport {
  /** Records, exact. */
  readonly count: number;
  /** Mean duration in milliseconds, exact. */
  readonly avg_ms: number;
  /** Median duration in milliseconds, within 1 %. Percentiles are by nearest rank. */
  readonly p50_ms: number;
  /** Duration in milliseconds that 95 % of the records did not exceed, within 1 %. */
  readonly p95_ms: number;
  /** Duration in milliseconds that 99 % of the records did not exceed, within 1 %. */
  readonly p99_ms: number;
  /** Shortest duration in milliseconds, exact. */
  readonly min_ms: number;
  /** Longest duration in milliseconds, exact. */
  readonly max_ms: number;
  /** Share of the records that succeeded, in percent (0 to 100), exact. */
  readonly success_rate: number;
}

/** The window that was asked for, and what each operation did in it. */
export interface PerfReport {
  readonly window_seconds: number | 'all';
  readonly operations: Readonly<Record<string, OperationReport>>;
}

/** What one operation did, step by step. */
export interface PerfSeries {
  readonly operation: string;
  /** Length of a step. */
  readonly step_seconds: number;
  /** Milliseconds from the end of the last step until now, from 0 to under the length of a step. */
  readonly ended_ms_ago: number;
  /** Whole steps, oldest first; the running one is not among them. */
  readonly steps: readonly OperationReport[];
}

export const EMPTY_REPORT: OperationReport = Object.freeze({
  count: 0,
  avg_ms: 0,
  p50_ms: 0,
  p95_ms: 0,
  p99_ms: 0,
  min_ms: 0,
  max_ms: 0,
  success_rate: 0,
});

/** Describes a window by its totals and its bucket counts. */
export function describeWindow(totals: WindowTotals, counts: Float64Array): OperationReport {
  const { count, successCount, sumMs, minMs, maxMs } = totals;
  if (count === 0) return EMPTY_REPORT;
  const percentileMs = (percent: number): number => {
    const bucket = bucketAtRank(counts, Math.ceil((percent * count) / 100));
    return Math.min(Math.max(middleMs(bucket), minMs), maxMs);
  };
  return {
    count,
    avg_ms: sumMs / count,
    p50_ms: percentileMs(50),
    p95_ms: percentileMs(95),
    p99_ms: percentileMs(99),
    min_ms: minMs,
    max_ms: maxMs,
    success_rate: (100 * successCount) / count,
  };
}

/** The bucket of the record that is the `rank`-th (from 1) by duration. */
function bucketAtRank(counts: Float64Array, rank: number): number {
  let bucket = 0;
  let seen = counts[0]!;
  while (seen < rank && bucket < counts.length - 1) seen += counts[++bucket]!;
  return bucket;
}
