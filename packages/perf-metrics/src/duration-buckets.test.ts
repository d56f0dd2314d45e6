import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BUCKET_COUNT, bucketOf, MAX_RESOLVED_MS, MIN_RESOLVED_MS, middleMs, upperEdgeMs } from './duration-buckets.ts';

/** Durations from 1 µs to 10 000 s, as many in each decade. */
const resolvedMs = fc
  .double({ min: Math.log(MIN_RESOLVED_MS), max: Math.log(MAX_RESOLVED_MS), noNaN: true })
  .map((logarithm) => Math.min(Math.max(Math.exp(logarithm), MIN_RESOLVED_MS * 1.000001), MAX_RESOLVED_MS));

it('the middle of its bucket is within 1 % of every resolved duration', () => {
  fc.assert(
    fc.property(resolvedMs, (ms) => {
      expect(Math.abs(middleMs(bucketOf(ms)) - ms) / ms).toBeLessThanOrEqual(0.01);
    }),
    { numRuns: 5000 },
  );
});

it('the middle of every bucket is within 1 % of both its edges', () => {
  for (let bucket = 1; bucket < BUCKET_COUNT - 1; bucket++) {
    const [lower, upper] = [upperEdgeMs(bucket - 1), upperEdgeMs(bucket)];
    expect((middleMs(bucket) - lower) / lower).toBeLessThan(0.01);
    expect((upper - middleMs(bucket)) / upper).toBeLessThan(0.01);
  }
});

it('a longer duration is never in a lower bucket', () => {
  fc.assert(
    fc.property(resolvedMs, resolvedMs, (a, b) => {
      expect(bucketOf(Math.min(a, b))).toBeLessThanOrEqual(bucketOf(Math.max(a, b)));
    }),
  );
});

it('the first and the last bucket take what lies outside the scale', () => {
  expect([0, Number.MIN_VALUE, MIN_RESOLVED_MS].map(bucketOf)).toEqual([0, 0, 0]);
  expect(bucketOf(MAX_RESOLVED_MS)).toBe(BUCKET_COUNT - 2);
  expect([MAX_RESOLVED_MS * 1.001, Number.MAX_VALUE].map(bucketOf)).toEqual([BUCKET_COUNT - 1, BUCKET_COUNT - 1]);
  expect(middleMs(0)).toBe(0.0005);
  expect(middleMs(BUCKET_COUNT - 1)).toBe(Number.POSITIVE_INFINITY);
});
