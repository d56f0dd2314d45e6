import { describe, expect, it } from 'vitest';
import { DEFAULT_HISTOGRAM_BOUNDS_MS, PerfMetrics } from '../src/index.ts';

describe('options', () => {
  it.each([0, -1, 1.5, 86_401, Number.NaN])('retentionSeconds %s is refused with the limits', (retentionSeconds) => {
    expect(() => new PerfMetrics({ retentionSeconds })).toThrow(
      new RangeError(`retentionSeconds must be a whole number from 1 to 86400, got ${retentionSeconds}`),
    );
  });

  it.each([0, 10_001])('maxOperations %s is refused with the limits', (maxOperations) => {
    expect(() => new PerfMetrics({ maxOperations })).toThrow(
      new RangeError(`maxOperations must be a whole number from 1 to 10000, got ${maxOperations}`),
    );
  });

  it('histogramBoundsMs that do not rise are refused', () => {
    expect(() => new PerfMetrics({ histogramBoundsMs: [1, 5, 5] })).toThrow(RangeError);
  });

  it('are what the README says by default', () => {
    const metrics = new PerfMetrics();
    expect(metrics.retentionSeconds).toBe(900);
    expect(metrics.histogramBoundsMs).toEqual(DEFAULT_HISTOGRAM_BOUNDS_MS);
  });
});

describe('operations', () => {
  it('are reported in the order they were declared, then first recorded', () => {
    const metrics = new PerfMetrics<string>({ operations: ['b', 'a', 'b'] });
    metrics.record('d', 1, true);
    metrics.record('c', 1, true);
    expect(Object.keys(metrics.report().operations)).toEqual(['b', 'a', 'd', 'c']);
  });

  it('over maxOperations are dropped and counted, the others go on', () => {
    const metrics = new PerfMetrics({ maxOperations: 2 });
    for (const operation of ['a', 'b', 'c', 'a', 'd']) metrics.record(operation, 1, true);
    expect(Object.keys(metrics.report().operations)).toEqual(['a', 'b']);
    expect(metrics.report().operations['a']?.count).toBe(2);
    expect(metrics.droppedRecords).toBe(2);
  });

  it('declared over maxOperations are refused', () => {
    expect(() => new PerfMetrics({ operations: ['a', 'b'], maxOperations: 1 })).toThrow(RangeError);
  });

  it.each(['', undefined, 5])('named %o are refused', (operation) => {
    expect(() => new PerfMetrics().record(operation as string, 1, true)).toThrow(TypeError);
  });
});
