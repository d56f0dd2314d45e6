import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { PerfMetrics } from '../src/index.ts';
import { registerPerfMetrics } from '../src/prometheus.ts';

const NAME = 'app_operation_duration_seconds';

/** Sample lines of a text, by what stands before the value. */
function parse(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

describe('registerPerfMetrics', () => {
  it("says what prom-client's own histogram says of the same records", async () => {
    const record = fc.record({
      operation: fc.constantFrom('read', 'write "quoted"\\\n', '__proto__'),
      durationMs: fc.oneof(fc.constantFrom(0, 0.1, 1, 2.5, 5, 60_000), fc.double({ min: 0, max: 1e5, noNaN: true })),
      ok: fc.boolean(),
    });
    const run = async (records: { operation: string; durationMs: number; ok: boolean }[]): Promise<void> => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const metrics = new PerfMetrics();
      registerPerfMetrics(metrics, ours, { prefix: 'app_' });
      const histogram = new Histogram({
        name: NAME,
        help: 'Duration of timed operations, by outcome.',
        labelNames: ['operation', 'outcome'],
        buckets: metrics.histogramBoundsMs.map((ms) => ms / 1000),
        registers: [theirs],
      });
      for (const operation of new Set(records.map((each) => each.operation))) {
        for (const outcome of ['success', 'failure']) histogram.zero({ operation, outcome });
      }
      for (const { operation, durationMs, ok } of records) {
        metrics.record(operation, durationMs, ok);
        histogram.observe({ operation, outcome: ok ? 'success' : 'failure' }, durationMs / 1000);
      }
      const [actual, expected] = [parse(await ours.metrics()), parse(await theirs.metrics())];
      expect([...actual.keys()]).toEqual([...expected.keys()]);
      for (const [sample, value] of expected) {
        if (sample.startsWith(`${NAME}_sum`)) expect(actual.get(sample)).toBeCloseTo(value, 6);
        else expect(`${sample} ${actual.get(sample)}`).toBe(`${sample} ${value}`);
      }
    };
    await fc.assert(fc.asyncProperty(fc.array(record, { maxLength: 200 }), run));
  });

  it('writes valid text when there is no operation', async () => {
    const registry = new Registry();
    registerPerfMetrics(new PerfMetrics(), registry);
    expect(await registry.metrics()).toBe(
      '# HELP operation_duration_seconds Duration of timed operations, by outcome.\n' +
        '# TYPE operation_duration_seconds histogram\n',
    );
  });

  it('writes both outcomes of a declared operation from the start, so that rates have a zero to begin with', async () => {
    const registry = new Registry();
    const metrics = new PerfMetrics({ operations: ['read'], histogramBoundsMs: [2.5, 100] });
    registerPerfMetrics(metrics, registry, { prefix: 'app_' });
    metrics.record('read', 2.5, true);
    metrics.record('read', 70, true);
    expect((await registry.metrics()).split('\n').slice(2)).toEqual([
      'app_operation_duration_seconds_bucket{le="0.0025",operation="read",outcome="success"} 1',
      'app_operation_duration_seconds_bucket{le="0.1",operation="read",outcome="success"} 2',
      'app_operation_duration_seconds_bucket{le="+Inf",operation="read",outcome="success"} 2',
      'app_operation_duration_seconds_sum{operation="read",outcome="success"} 0.0725',
      'app_operation_duration_seconds_count{operation="read",outcome="success"} 2',
      'app_operation_duration_seconds_bucket{le="0.0025",operation="read",outcome="failure"} 0',
      'app_operation_duration_seconds_bucket{le="0.1",operation="read",outcome="failure"} 0',
      'app_operation_duration_seconds_bucket{le="+Inf",operation="read",outcome="failure"} 0',
      'app_operation_duration_seconds_sum{operation="read",outcome="failure"} 0',
      'app_operation_duration_seconds_count{operation="read",outcome="failure"} 0',
      '',
    ]);
  });

  it('goes on counting when windows are over and when the registry resets its own metrics', async () => {
    const clock = { nowMs: 0, now: () => clock.nowMs };
    const metrics = new PerfMetrics({ retentionSeconds: 1, clock });
    const registry = new Registry();
    registerPerfMetrics(metrics, registry);
    metrics.record('read', 1, true);
    clock.nowMs = 60_000;
    registry.resetMetrics();
    expect(metrics.report().operations['read']?.count).toBe(0);
    expect(await registry.metrics()).toContain('_count{operation="read",outcome="success"} 1');
  });

  it('carries default labels and works as JSON, as OpenMetrics and in a merged registry', async () => {
    const metrics = new PerfMetrics({ operations: ['read'], histogramBoundsMs: [1] });
    const registry = new Registry();
    registry.setDefaultLabels({ host: 'a' });
    registerPerfMetrics(metrics, registry);
    expect(await registry.metrics()).toContain('_count{operation="read",outcome="success",host="a"} 0');
    const [json] = await registry.getMetricsAsJSON();
    expect(json).toMatchObject({ name: 'operation_duration_seconds', type: 'histogram', aggregator: 'sum' });
    expect(json?.values[0]).toMatchObject({
      metricName: 'operation_duration_seconds_bucket',
      labels: { le: 0.001, operation: 'read', outcome: 'success', host: 'a' },
      value: 0,
    });
    expect(await Registry.merge([registry]).metrics()).toContain('operation="read"');
    const openMetrics = new Registry();
    openMetrics.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    registerPerfMetrics(metrics, openMetrics);
    expect(await openMetrics.metrics()).toMatch(/_bucket\{le="0.001".*\n# EOF\n$/s);
  });

  it('refuses a prefix that makes no name, and a second registration', () => {
    const registry = new Registry();
    expect(() => registerPerfMetrics(new PerfMetrics(), registry, { prefix: '1 ' })).toThrow('Invalid metric name');
    registerPerfMetrics(new PerfMetrics(), registry);
    expect(() => registerPerfMetrics(new PerfMetrics(), registry)).toThrow('already been registered');
  });
});
