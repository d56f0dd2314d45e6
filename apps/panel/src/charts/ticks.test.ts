import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decadeTicks, timeTicks, valueTicks } from './ticks.ts';

describe('marks of values', () => {
  it('are round in the unit that is shown', () => {
    expect(valueTicks(1_100_000_000, 4)).toEqual([0, 500_000_000, 1_000_000_000, 1_500_000_000]);
    expect(valueTicks(300 * 1024 * 1024, 3, 'bytes')).toEqual([0, 1, 2, 3].map((each) => each * 100 * 1024 * 1024));
  });

  it('of durations are round in seconds, minutes or hours', () => {
    const minute = 60_000;
    expect(valueTicks(27 * minute, 3, 'duration')).toEqual([0, 10 * minute, 20 * minute, 30 * minute]);
    expect(valueTicks(9_000, 2, 'duration')).toEqual([0, 5_000, 10_000]);
  });

  it('of what is counted are whole', () => {
    expect(valueTicks(9, 4, 'count')).toEqual([0, 3, 6, 9]);
    expect(valueTicks(2, 4, 'count')).toEqual([0, 1, 2]);
    expect(valueTicks(1_500, 3, 'count')).toEqual([0, 500, 1_000, 1_500]);
  });

  it('start at nothing, reach the largest value and are not many', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e15, noNaN: true }),
        fc.constantFrom('decimal' as const, 'bytes' as const, 'duration' as const, 'count' as const),
        (max, kind) => {
          const ticks = valueTicks(max, 4, kind);
          expect(ticks[0]).toBe(0);
          expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-9));
          expect(ticks.length).toBeLessThanOrEqual(6);
        },
      ),
    );
  });

  it('exist when there is nothing to show', () => {
    expect(valueTicks(0, 4)).toEqual([0, 1]);
  });
});

describe('marks of times', () => {
  const hour = 3_600_000;

  it('are on round times of the reader’s zone', () => {
    const zone = 5.5 * hour;
    const ticks = timeTicks(0, 24 * hour, 5, zone);
    expect(ticks.map((at) => ((at + zone) / hour) % 6)).toEqual(ticks.map(() => 0));
    expect(ticks.length).toBeGreaterThan(2);
  });

  it('are never one alone, which says nothing of how fast time goes', () => {
    const span = fc.integer({ min: 3_000, max: 24 * hour });
    fc.assert(
      fc.property(span, fc.integer({ min: 0, max: 24 * hour }), (long, from) => {
        expect(timeTicks(from, from + long, 2, 0).length).toBeGreaterThanOrEqual(2);
      }),
    );
  });

  it('are never more than asked for, plus one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 * 24 * hour }), (span) => {
        expect(timeTicks(1_700_000_000_000, 1_700_000_000_000 + span, 8, 0).length).toBeLessThanOrEqual(9);
      }),
    );
  });
});

describe('marks of orders of magnitude', () => {
  it('are powers of ten around the values', () => {
    expect(decadeTicks(0.3, 900).map((tick) => Math.log10(tick))).toEqual([-1, 0, 1, 2, 3]);
    expect(decadeTicks(10, 10)).toEqual([10, 100]);
  });

  it('enclose any values', () => {
    const value = fc.double({ min: 1e-6, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(value, value, (one, other) => {
        const ticks = decadeTicks(Math.min(one, other), Math.max(one, other));
        expect(ticks.length).toBeGreaterThan(1);
        expect(ticks[0]!).toBeLessThanOrEqual(Math.min(one, other) * 1.000_001);
        expect(ticks.at(-1)!).toBeGreaterThanOrEqual(Math.max(one, other) * 0.999_999);
      }),
    );
  });
});
