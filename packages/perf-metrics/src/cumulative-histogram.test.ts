import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CumulativeHistogram, HistogramBounds } from './cumulative-histogram.ts';
import { bucketOf, upperEdgeMs } from './duration-buckets.ts';

/** Bounds that are crowded, far apart, on the edges of buckets, and outside the scale. */
const boundMs = fc.oneof(
  fc.double({ min: 1e-5, max: 1e9, noNaN: true }),
  fc.double({ min: 1, max: 1.1, noNaN: true }),
  fc.integer({ min: 0, max: 1160 }).map(upperEdgeMs),
);
const boundsMs = fc
  .uniqueArray(boundMs, { minLength: 1, maxLength: 30 })
  .map((bounds) => Float64Array.from(bounds).sort());

/** The number right above or below a positive one. */
function neighbour(value: number, step: 1n | -1n): number {
  const bits = new BigInt64Array(1);
  const number = new Float64Array(bits.buffer);
  number[0] = value;
  bits[0]! += step;
  return number[0]!;
}

describe('CumulativeHistogram', () => {
  it('counts at every bound exactly the durations up to it', () => {
    const example = boundsMs.chain((bounds) => {
      const onBound = fc.constantFrom(...bounds);
      const near = onBound.chain((bound) => fc.constantFrom(neighbour(bound, 1n), neighbour(bound, -1n)));
      const any = fc.double({ min: 0, max: 1e10, noNaN: true });
      return fc.tuple(fc.constant([...bounds]), fc.array(fc.oneof(onBound, near, any, boundMs), { maxLength: 200 }));
    });
    fc.assert(
      fc.property(example, ([bounds, durationsMs]) => {
        const histogram = new CumulativeHistogram(new HistogramBounds(bounds));
        for (const ms of durationsMs) histogram.add(bucketOf(ms), ms);
        const { count, sumMs, countsAtBounds } = histogram.read();
        expect(count).toBe(durationsMs.length);
        expect(sumMs).toBe(durationsMs.reduce((sum, ms) => sum + ms, 0));
        expect(countsAtBounds).toEqual(bounds.map((bound) => durationsMs.filter((ms) => ms <= bound).length));
      }),
      { numRuns: 500 },
    );
  });
});

describe('HistogramBounds', () => {
  it.each([
    [[]],
    [[0, 1]],
    [[2, 1]],
    [[1, 1]],
    [[Number.NaN]],
    [[1, Number.POSITIVE_INFINITY]],
    [Array.from({ length: 101 }, (_, n) => n + 1)],
  ])('refuses %j', (bounds) => {
    expect(() => new HistogramBounds(bounds)).toThrow(RangeError);
  });
});
