import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SecondCounter } from './second-counter.ts';

describe('SecondCounter', () => {
  it('follows a clock that runs', () => {
    const seconds = new SecondCounter(1500);
    expect([1500, 1999, 2000, 2001, 9000].map((nowMs) => seconds.at(nowMs))).toEqual([1, 1, 2, 2, 9]);
  });

  it('stays where it is when the clock goes back, and runs on with it', () => {
    const seconds = new SecondCounter(3_600_000);
    expect([3_600_000, 0, 999, 1000, 2000].map((nowMs) => seconds.at(nowMs))).toEqual([3600, 3600, 3600, 3601, 3602]);
  });

  it('stays where it is while the clock answers no number', () => {
    const seconds = new SecondCounter(1000);
    const answers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e300, -1e300];
    for (const nowMs of answers) expect(seconds.at(nowMs)).toBe(1);
    expect(seconds.at(2000)).toBe(2);
  });

  it('never goes back, whatever the clock does', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e15, max: 1e15 })), (readings) => {
        const seconds = new SecondCounter(0);
        const counted = readings.map((nowMs) => seconds.at(nowMs));
        expect(counted).toEqual([...counted].sort((a, b) => a - b));
      }),
    );
  });
});
