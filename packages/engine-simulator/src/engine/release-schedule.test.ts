import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lastReleaseMs } from './release-schedule.ts';

const unevenness = fc
  .record({ burstEveryMs: fc.integer({ min: 1, max: 5000 }), jitterShare: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ burstEveryMs, jitterShare }) => ({ burstEveryMs, jitterMs: burstEveryMs * jitterShare }));
const clock = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });

test('a release lies in the past, by no more than two intervals', () => {
  fc.assert(
    fc.property(clock, unevenness, fc.integer(), (nowMs, shape, seed) => {
      const releaseMs = lastReleaseMs(nowMs, shape, seed);
      return releaseMs <= nowMs && nowMs - releaseMs <= 2 * shape.burstEveryMs;
    }),
  );
});

test('releases never go back as the clock goes on', () => {
  fc.assert(
    fc.property(
      clock,
      fc.integer({ min: 0, max: 20_000 }),
      unevenness,
      fc.integer(),
      (nowMs, laterByMs, shape, seed) => {
        return lastReleaseMs(nowMs, shape, seed) <= lastReleaseMs(nowMs + laterByMs, shape, seed);
      },
    ),
  );
});

test('without an interval data is handed on as it comes', () => {
  expect(lastReleaseMs(1_700_000_000_123, { burstEveryMs: 0, jitterMs: 0 }, 1)).toBe(1_700_000_000_123);
});
