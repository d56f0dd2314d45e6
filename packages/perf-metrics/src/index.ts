export type { Clock } from './clock.ts';
export type { CumulativeCounts } from './cumulative-histogram.ts';
export { MAX_RESOLVED_MS, MIN_RESOLVED_MS } from './duration-buckets.ts';
export {
  DEFAULT_HISTOGRAM_BOUNDS_MS,
  type OperationHistograms,
  PerfMetrics,
  type PerfMetricsOptions,
  type ReportOptions,
  type SeriesOptions,
} from './perf-metrics.ts';
export type { OperationReport, PerfReport, PerfSeries } from './report.ts';
export type { Timer } from './timer.ts';
