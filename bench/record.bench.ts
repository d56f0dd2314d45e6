/**
 * What it costs to time an operation: nanoseconds for each `PerfMetrics.record`, beside Node's own histogram and the
 * list of samples that people write first; bytes allocated for each; and the memory that 15 minutes of records take.
 *
 *   node --conditions=@acestream-orchestrator/source bench/record.bench.ts
 */
import { createHistogram } from 'node:perf_hooks';
import { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import { measureCalls } from './measure-calls.ts';

const RECORDS_PER_ROUND = 2_000_000;
const operations = ['hls_manifest_generation', 'hls_segment_fetch', 'mpegts_chunk_read', 'docker_stats_collection'];
/** Log-normal durations around 5 ms: 98 % of them between 0.5 and 50 ms. */
const durationsMs = Float64Array.from({ length: 4096 }, () => 5 * Math.exp(gaussian()));
const durationsNs = Uint32Array.from(durationsMs, (ms) => Math.ceil(ms * 1e6));

function gaussian(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function measure(name: string, run: (index: number) => void): void {
  const cost = measureCalls(RECORDS_PER_ROUND, run);
  const [median, best] = [cost.medianNs, cost.bestNs].map((ns) => ns.toFixed(0).padStart(5));
  const allocated = cost.allocatedBytes.toFixed(0).padStart(4);
  console.log(`${name.padEnd(42)} ${median} ns median ${best} ns best ${allocated} B allocated`);
}

console.log('\nTiming one operation');
const metrics = new PerfMetrics();
measure('PerfMetrics.record, one operation', (i) => metrics.record('mpegts_chunk_read', durationsMs[i & 4095]!, true));
measure('PerfMetrics.record, four operations', (i) =>
  metrics.record(operations[i & 3]!, durationsMs[i & 4095]!, (i & 63) !== 0),
);
measure('PerfMetrics.start and end', (i) => metrics.start('mpegts_chunk_read')((i & 63) !== 0));
measure('performance.now alone', () => performance.now());

const histogram = createHistogram();
measure('perf_hooks.createHistogram().record', (i) => histogram.record(durationsNs[i & 4095]!));

let samples: { atMs: number; durationMs: number; ok: boolean }[] = [];
measure('array push of { atMs, durationMs, ok }', (i) => {
  if (i === 0) samples = [];
  samples.push({ atMs: performance.now(), durationMs: durationsMs[i & 4095]!, ok: true });
});

console.log('\nMemory of one operation after 15 minutes, and the time of a report:');
for (const recordsPerSecond of [1, 10, 100, 1000, 10_000]) {
  let nowMs = 0;
  const simulated = new PerfMetrics({ clock: { now: () => nowMs } });
  const count = recordsPerSecond * 902;
  for (let index = 0; index < count; index++) {
    nowMs = (index / recordsPerSecond) * 1000;
    simulated.record('operation', 5 * Math.exp(gaussian()), true);
  }
  const times = [60, 450, 'all'].map((windowSeconds) => {
    const startedMs = performance.now();
    for (let n = 0; n < 100; n++) simulated.report({ windowSeconds: windowSeconds as number | 'all' });
    return `${windowSeconds} s: ${(((performance.now() - startedMs) / 100) * 1000).toFixed(0)} µs`;
  });
  const kibibytes = (simulated.memoryBytes / 1024).toFixed(0);
  console.log(
    `${String(recordsPerSecond).padStart(8)} records/s ${kibibytes.padStart(6)} KiB   report of ${times.join(', ')}`,
  );
}
