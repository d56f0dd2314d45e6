import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PerfMetrics } from '../src/index.ts';
import { assertWithinBound, exactReport } from './exact-report.ts';

/** Turns two even random numbers from (0, 1) into a duration in milliseconds. */
type Distribution = (u: number, v: number) => number;

const gaussian = (u: number, v: number): number => Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
const distributions: Record<string, Distribution> = {
  'all the same': () => 12.345,
  uniform: (u) => 1000 * u,
  exponential: (u) => -20 * Math.log(u),
  'log-normal': (u, v) => 5 * Math.exp(1.5 * gaussian(u, v)),
  'heavy-tailed (Pareto 1.1)': (u) => Math.min(u ** (-1 / 1.1), 1e7),
  'two modes, three decades apart': (u, v) => (u < 0.9 ? 0.2 : 2000) * (0.9 + 0.2 * v),
  'a mode exactly at p95 and one behind it': (u) => (u < 0.95 ? 1 : 100),
  'even over the whole scale': (u) => 0.001 * 10 ** (10 * u),
  'around the shortest that is resolved': (u) => 0.003 * u,
  'whole milliseconds': (u) => Math.floor(50 * u),
};

const evenNumber = fc.integer({ min: 1, max: 2 ** 30 }).map((n) => n / (2 ** 30 + 1));
const evenPairs = fc.array(fc.tuple(evenNumber, evenNumber), { minLength: 1, maxLength: 2000, size: 'max' });

it.each(Object.keys(distributions))('percentiles are within 1 percent when durations are %s', (name) => {
  const distribution = distributions[name]!;
  fc.assert(
    fc.property(evenPairs, (pairs) => {
      const metrics = new PerfMetrics();
      const samples = pairs.map(([u, v]) => ({ durationMs: distribution(u, v), ok: u < 0.97 }));
      for (const { durationMs, ok } of samples) metrics.record('operation', durationMs, ok);
      assertWithinBound(metrics.report().operations['operation'], exactReport(samples));
    }),
    { numRuns: 60 },
  );
});

it('percentiles are within 1 percent for any list of durations', () => {
  const durations = fc.array(fc.double({ min: 0, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(durations, (list) => {
      const metrics = new PerfMetrics();
      const samples = list.map((durationMs) => ({ durationMs, ok: true }));
      for (const { durationMs } of samples) metrics.record('operation', durationMs, true);
      assertWithinBound(metrics.report().operations['operation'], exactReport(samples));
    }),
    { numRuns: 500 },
  );
});

it('a percentile among durations over 10 000 s is the longest of them', () => {
  const metrics = new PerfMetrics();
  for (const durationMs of [5, 2e7, 3e7, 4e7]) metrics.record('operation', durationMs, true);
  expect(metrics.report().operations['operation']).toMatchObject({ p50_ms: 4e7, p99_ms: 4e7, max_ms: 4e7 });
});
