import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PerfMetrics } from '../src/index.ts';
import { assertWithinBound, exactReport, type Sample } from './exact-report.ts';
import { FakeClock } from './fake-clock.ts';

const zeros = { count: 0, avg_ms: 0, p50_ms: 0, p95_ms: 0, p99_ms: 0, min_ms: 0, max_ms: 0, success_rate: 0 };

describe('a window', () => {
  it('is exact for every number of seconds, whatever was recorded when', () => {
    const step = fc.record({
      waitMs: fc.oneof(
        fc.nat(300),
        fc.integer({ min: 1000, max: 4000 }),
        fc.constantFrom(0, 1000, 12_000, 60_000, 3.6e6),
      ),
      durationsMs: fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { maxLength: 40 }),
      ok: fc.boolean(),
    });
    const run = fc.record({
      startMs: fc.double({ min: -1e6, max: 1e9, noNaN: true }),
      retentionSeconds: fc.integer({ min: 1, max: 12 }),
      steps: fc.array(step, { maxLength: 60 }),
    });
    fc.assert(
      fc.property(run, ({ startMs, retentionSeconds, steps }) => {
        const clock = new FakeClock();
        clock.nowMs = startMs;
        const metrics = new PerfMetrics({ retentionSeconds, clock });
        const history: (Sample & { second: number })[] = [];
        for (const { waitMs, durationsMs, ok } of steps) {
          clock.nowMs += waitMs;
          const second = Math.floor(clock.nowMs / 1000);
          for (const durationMs of durationsMs) {
            metrics.record('operation', durationMs, ok);
            history.push({ second, durationMs, ok });
          }
          for (let windowSeconds = 1; windowSeconds <= retentionSeconds; windowSeconds++) {
            const inside = history.filter((sample) => sample.second >= second - windowSeconds);
            const report = metrics.report({ windowSeconds, operation: 'operation' });
            assertWithinBound(report.operations['operation'], exactReport(inside));
          }
          expect(metrics.report().operations).toEqual(metrics.report({ windowSeconds: retentionSeconds }).operations);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('holds every record up to its age and none a second older', () => {
    const clock = new FakeClock();
    const metrics = new PerfMetrics({ clock });
    clock.nowMs = 500;
    metrics.record('operation', 1, true);
    const countAt = (nowMs: number): number | undefined => {
      clock.nowMs = nowMs;
      return metrics.report({ windowSeconds: 10 }).operations['operation']?.count;
    };
    expect([500, 10_500, 10_999, 11_000].map(countAt)).toEqual([1, 1, 1, 0]);
  });

  it('reaches as far back as the retention and no further', () => {
    const clock = new FakeClock();
    const metrics = new PerfMetrics({ clock });
    for (let second = 0; second < 2000; second++) {
      clock.nowMs = second * 1000;
      metrics.record('operation', second, second % 4 !== 0);
    }
    expect(metrics.report({ windowSeconds: 900 }).operations['operation']).toMatchObject({
      count: 901,
      min_ms: 1099,
      max_ms: 1999,
      avg_ms: 1549,
    });
    expect(metrics.report({ windowSeconds: 3 }).operations['operation']).toMatchObject({ count: 4, success_rate: 75 });
  });

  it.each([0, -1, 1.5, 901, Number.NaN, Number.POSITIVE_INFINITY, '60' as unknown as number])(
    'of %s is refused',
    (n) => {
      const metrics = new PerfMetrics();
      expect(() => metrics.report({ windowSeconds: n })).toThrow(RangeError);
      expect(() => metrics.report({ windowSeconds: n })).toThrow(
        `windowSeconds must be a whole number from 1 to 900, got ${n}`,
      );
    },
  );
});

describe('a report', () => {
  it('has the shape of the JSON contract', () => {
    const metrics = new PerfMetrics({ operations: ['idle', 'busy'] });
    metrics.record('busy', 10, true);
    metrics.record('busy', 30, false);
    expect(JSON.parse(JSON.stringify(metrics.report({ windowSeconds: 60 })))).toEqual({
      window_seconds: 60,
      operations: {
        idle: zeros,
        busy: {
          count: 2,
          avg_ms: 20,
          p50_ms: 10,
          p95_ms: 30,
          p99_ms: 30,
          min_ms: 10,
          max_ms: 30,
          success_rate: 50,
        },
      },
    });
  });

  it('says "all" when the whole retention was asked for, which is the default', () => {
    expect(new PerfMetrics().report()).toEqual({ window_seconds: 'all', operations: {} });
    expect(new PerfMetrics().report({ windowSeconds: 'all' }).window_seconds).toBe('all');
  });

  it('of one operation leaves the others out', () => {
    const metrics = new PerfMetrics({ operations: ['a', 'b'] });
    expect(Object.keys(metrics.report({ operation: 'b' }).operations)).toEqual(['b']);
  });

  it('of an unknown operation is zeros, and does not make it known', () => {
    const metrics = new PerfMetrics();
    expect(metrics.report({ operation: '__proto__' }).operations).toEqual(Object.fromEntries([['__proto__', zeros]]));
    expect(metrics.report().operations).toEqual({});
  });
});
