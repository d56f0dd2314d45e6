import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PerfMetrics } from '../src/index.ts';
import { assertWithinBound, exactReport, type Sample } from './exact-report.ts';
import { FakeClock } from './fake-clock.ts';

describe('a series', () => {
  it('has every whole step of the window, exact, whatever was recorded when', () => {
    const pause = fc.record({
      waitMs: fc.oneof(fc.nat(300), fc.integer({ min: 1000, max: 4000 }), fc.constantFrom(0, 12_000, 60_000)),
      durationsMs: fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { maxLength: 30 }),
      ok: fc.boolean(),
    });
    const run = fc.record({
      startMs: fc.double({ min: -1e6, max: 1e9, noNaN: true }),
      retentionSeconds: fc.integer({ min: 1, max: 14 }),
      pauses: fc.array(pause, { maxLength: 40 }),
    });
    fc.assert(
      fc.property(run, ({ startMs, retentionSeconds, pauses }) => {
        const clock = new FakeClock();
        clock.nowMs = startMs;
        const metrics = new PerfMetrics({ retentionSeconds, clock });
        const history: (Sample & { second: number })[] = [];
        for (const { waitMs, durationsMs, ok } of pauses) {
          clock.nowMs += waitMs;
          const second = Math.floor(clock.nowMs / 1000);
          for (const durationMs of durationsMs) {
            metrics.record('operation', durationMs, ok);
            history.push({ second, durationMs, ok });
          }
        }
        const now = Math.floor(clock.nowMs / 1000);
        for (let stepSeconds = 1; stepSeconds <= retentionSeconds; stepSeconds++) {
          for (const windowSeconds of [1, retentionSeconds]) {
            const { steps } = metrics.series('operation', { stepSeconds, windowSeconds });
            const starts: number[] = [];
            for (let second = now - windowSeconds; second + stepSeconds <= now; second++) {
              if (second % stepSeconds === 0) starts.push(second);
            }
            expect(steps).toHaveLength(starts.length);
            for (const [index, start] of starts.entries()) {
              const inside = history.filter(({ second }) => second >= start && second < start + stepSeconds);
              assertWithinBound(steps[index], exactReport(inside));
            }
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('repeats the steps that it told, says when the last one ended, and leaves the running one out', () => {
    const clock = new FakeClock();
    clock.nowMs = 1_000_000;
    const metrics = new PerfMetrics({ clock });
    for (let second = 0; second < 40; second++) {
      metrics.record('operation', second, true);
      clock.nowMs += 1_000;
    }
    clock.nowMs += 2_250;
    const before = metrics.series('operation', { windowSeconds: 60 });
    expect(before).toMatchObject({ operation: 'operation', step_seconds: 5, ended_ms_ago: 2_250 });
    expect(before.steps.map(({ count, max_ms }) => [count, max_ms])).toEqual([
      ...[0, 0, 0].map(() => [0, 0]),
      ...[4, 9, 14, 19, 24, 29, 34, 39].map((last) => [5, last]),
    ]);
    clock.nowMs += 5_000;
    const after = metrics.series('operation', { windowSeconds: 60 });
    expect(after.steps.slice(0, -1)).toEqual(before.steps.slice(1));
  });

  it('of an unknown operation is zeros, and does not make it known', () => {
    const metrics = new PerfMetrics();
    const { steps } = metrics.series('__proto__', { stepSeconds: 60 });
    expect(steps.length).toBeGreaterThanOrEqual(14);
    expect(steps.every(({ count }) => count === 0)).toBe(true);
    expect(metrics.report().operations).toEqual({});
  });

  it.each([0, 1.5, 901])('with steps or a window of %s seconds is refused', (n) => {
    const metrics = new PerfMetrics();
    expect(() => metrics.series('operation', { stepSeconds: n })).toThrow('stepSeconds must be a whole number from 1');
    expect(() => metrics.series('operation', { windowSeconds: n })).toThrow(RangeError);
  });
});
