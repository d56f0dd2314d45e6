import type { OperationReport } from '../src/index.ts';

/** One record as the naive model keeps it. */
export interface Sample {
  readonly durationMs: number;
  readonly ok: boolean;
}

/** What a report must say about the samples, with percentiles by nearest rank from the sorted list. */
export function exactReport(samples: readonly Sample[]): OperationReport {
  const sorted = Float64Array.from(samples, ({ durationMs }) => durationMs).sort();
  const count = sorted.length;
  const atRank = (percent: number): number => sorted[Math.ceil((percent * count) / 100) - 1] ?? 0;
  return {
    count,
    avg_ms: count === 0 ? 0 : sorted.reduce((sum, ms) => sum + ms, 0) / count,
    p50_ms: atRank(50),
    p95_ms: atRank(95),
    p99_ms: atRank(99),
    min_ms: sorted[0] ?? 0,
    max_ms: sorted.at(-1) ?? 0,
    success_rate: count === 0 ? 0 : (100 * samples.filter(({ ok }) => ok).length) / count,
  };
}

/** Throws unless `actual` is exact where it must be and its percentiles are within 1 % (or 0.5 µs below 1 µs). */
export function assertWithinBound(actual: OperationReport | undefined, exact: OperationReport): void {
  for (const field of ['count', 'min_ms', 'max_ms', 'success_rate'] as const) {
    if (actual?.[field] !== exact[field]) throw new Error(`${field} is ${actual?.[field]}, must be ${exact[field]}`);
  }
  const near = (field: keyof OperationReport, tolerance: number): void => {
    const error = Math.abs(actual![field] - exact[field]);
    if (!(error <= tolerance)) throw new Error(`${field} is ${actual![field]}, not near enough to ${exact[field]}`);
  };
  near('avg_ms', exact.avg_ms * 1e-12);
  for (const field of ['p50_ms', 'p95_ms', 'p99_ms'] as const) {
    near(field, exact[field] <= 0.001 ? 0.0005 : exact[field] * 0.01);
  }
}
