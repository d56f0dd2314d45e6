/**
 * The logarithmic scale on which durations are counted: 116 buckets per decade, each 2 % wider than the one before.
 * The middle of a bucket is within 0.993 % of everything in it.
 *
 *   bucket   0          1                  …   1160               1161
 *   ms       [0, 0.001] (0.001, 0.00102]   …   (9.803·10⁶, 10⁷]   (10⁷, ∞)
 */

/** Durations up to this are one bucket: below it the error is absolute, at most 0.5 µs. */
export const MIN_RESOLVED_MS = 0.001;
/** Durations above this are one bucket: a percentile among them is reported as the longest duration. */
export const MAX_RESOLVED_MS = 1e7;

const BUCKETS_PER_DECADE = 116;
const DECADES = 10;
const LAST_RESOLVED = BUCKETS_PER_DECADE * DECADES;
const GROWTH = 10 ** (1 / BUCKETS_PER_DECADE);
const BUCKETS_PER_LOG_UNIT = BUCKETS_PER_DECADE / Math.LN10;
const LOG_OFFSET = -Math.log(MIN_RESOLVED_MS) * BUCKETS_PER_LOG_UNIT;

/** How many buckets there are. */
export const BUCKET_COUNT: number = LAST_RESOLVED + 2;

/** The bucket that counts a duration of `ms` milliseconds, which is finite and not negative. */
export function bucketOf(ms: number): number {
  if (ms <= MIN_RESOLVED_MS) return 0;
  const bucket = Math.ceil(Math.log(ms) * BUCKETS_PER_LOG_UNIT + LOG_OFFSET);
  return bucket > LAST_RESOLVED ? LAST_RESOLVED + 1 : bucket;
}

/** Longest duration of a bucket in milliseconds, `Infinity` for the last. */
export function upperEdgeMs(bucket: number): number {
  return bucket > LAST_RESOLVED ? Number.POSITIVE_INFINITY : MIN_RESOLVED_MS * GROWTH ** bucket;
}

/** The duration in milliseconds that stands for a bucket: the one whose relative distance to both edges is the same. */
export function middleMs(bucket: number): number {
  return bucket === 0 ? MIN_RESOLVED_MS / 2 : (2 * upperEdgeMs(bucket)) / (1 + GROWTH);
}
