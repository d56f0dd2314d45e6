import { expect, it } from 'vitest';
import { PerfMetrics } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';

function countOf(metrics: PerfMetrics, windowSeconds: number): number | undefined {
  return metrics.report({ windowSeconds }).operations['operation']?.count;
}

it('a suspend of an hour empties the windows, and what follows is counted as ever', () => {
  const clock = new FakeClock();
  const metrics = new PerfMetrics({ clock });
  for (let second = 0; second < 100; second++) {
    clock.nowMs = second * 1000;
    metrics.record('operation', 7, true);
  }
  clock.nowMs += 3_600_000;
  metrics.record('operation', 1, false);
  expect(metrics.report().operations['operation']).toMatchObject({ count: 1, p99_ms: 1, success_rate: 0 });
  clock.nowMs += 2000;
  metrics.record('operation', 2, true);
  expect(countOf(metrics, 1)).toBe(1);
  expect(countOf(metrics, 2)).toBe(2);
});

it('an operation that spans a suspend counts with its whole duration', () => {
  const clock = new FakeClock();
  const metrics = new PerfMetrics({ clock });
  const end = metrics.start('operation');
  clock.nowMs += 3_600_000;
  end(true);
  expect(metrics.report().operations['operation']).toMatchObject({ count: 1, p50_ms: 3_600_000 });
});

it('a clock that goes back an hour loses nothing, and windows go on moving with it', () => {
  const clock = new FakeClock();
  clock.nowMs = 3_600_000;
  const metrics = new PerfMetrics({ clock });
  metrics.record('operation', 1, true);
  clock.nowMs = 0;
  metrics.record('operation', 2, true);
  expect(countOf(metrics, 1)).toBe(2);
  clock.nowMs = 5000;
  metrics.record('operation', 3, true);
  expect(countOf(metrics, 4)).toBe(1);
  expect(countOf(metrics, 5)).toBe(3);
});

it('a clock that went back while an operation ran makes it count as 0 ms', () => {
  const clock = new FakeClock();
  clock.nowMs = 5000;
  const metrics = new PerfMetrics({ clock });
  const end = metrics.start('operation');
  clock.nowMs = 4000;
  end(true);
  metrics.record('operation', -0.5, true);
  expect(metrics.report().operations['operation']).toMatchObject({ count: 2, min_ms: 0, max_ms: 0, p50_ms: 0 });
  expect(metrics.droppedRecords).toBe(0);
});

it('a duration that is not a finite number is dropped and counted, never thrown', () => {
  const metrics = new PerfMetrics();
  const faults = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, '5', 5n, undefined, null];
  for (const fault of faults) metrics.record('operation', fault as number, true);
  metrics.record('operation', 5, true);
  expect(metrics.report().operations['operation']).toMatchObject({ count: 1, avg_ms: 5 });
  expect(metrics.droppedRecords).toBe(faults.length);
});

it('a clock that answers NaN does not stop the counting of durations', () => {
  const clock = new FakeClock();
  const metrics = new PerfMetrics({ clock });
  clock.nowMs = Number.NaN;
  metrics.record('operation', 4, true);
  metrics.start('operation')(true);
  clock.nowMs = 1000;
  expect(countOf(metrics, 1)).toBe(1);
  expect(metrics.droppedRecords).toBe(1);
});

it('a clock that answers no number from the start is refused', () => {
  expect(() => new PerfMetrics({ clock: { now: () => Number.NaN } })).toThrow(TypeError);
});
