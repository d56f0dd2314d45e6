import { describe, expect, it } from 'vitest';
import { RepeatLimit } from './repeat-limit.ts';

describe('lines that repeat', () => {
  it('are written so many times in a window, and the next one says how many were left out', () => {
    const clock = { nowMs: 7 };
    const limit = new RepeatLimit({ max: 2, windowMs: 1_000, nowMs: () => clock.nowMs });
    expect([1, 2, 3, 4].map(() => limit.admit('a'))).toEqual([0, 0, undefined, undefined]);
    expect(limit.admit('b')).toBe(0);
    clock.nowMs += 999;
    expect(limit.admit('a')).toBeUndefined();
    clock.nowMs += 1;
    expect(limit.admit('a')).toBe(3);
    expect(limit.admit('a')).toBe(0);
    clock.nowMs += 1_000;
    expect(limit.admit('a')).toBe(0);
  });

  it('are remembered for a bounded number of kinds', () => {
    const limit = new RepeatLimit({ max: 1, windowMs: 1_000, nowMs: () => 0 });
    limit.admit('first');
    for (let kind = 0; kind < 1_000; kind++) limit.admit(String(kind));
    expect(limit.admit('first')).toBe(0);
    expect(limit.admit('999')).toBeUndefined();
  });
});
