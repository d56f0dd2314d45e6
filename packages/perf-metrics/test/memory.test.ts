import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { CountLog } from '../src/count-log.ts';
import { BUCKET_COUNT } from '../src/duration-buckets.ts';
import { PerfMetrics } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';

/** Bytes of one operation after the retention, with durations spread evenly over `decades` from 1 ms up. */
function bytesAfterRetention(recordsPerSecond: number, decades: number): number {
  const clock = new FakeClock();
  const metrics = new PerfMetrics({ clock });
  for (let second = 0; second < 910; second++) {
    clock.nowMs = second * 1000;
    for (let n = 0; n < recordsPerSecond; n++) {
      metrics.record('operation', 10 ** ((decades * n) / recordsPerSecond), true);
    }
  }
  return metrics.memoryBytes;
}

it('an operation that was never recorded takes at most 56 KiB', () => {
  expect(new PerfMetrics({ operations: ['operation'] }).memoryBytes).toBeLessThanOrEqual(56 * 1024);
});

it('ten times as many records of the same spread take no more memory', () => {
  const bytes = bytesAfterRetention(250, 1);
  expect(bytes).toBeLessThanOrEqual(192 * 1024);
  expect(bytesAfterRetention(2500, 1)).toBeLessThanOrEqual(2 * bytes);
  expect(bytesAfterRetention(5000, 1)).toBe(bytesAfterRetention(2500, 1));
});

it('the worst that 900 seconds can hold takes 4 MiB', () => {
  const log = new CountLog();
  const everyBucketHitOften = new Uint32Array(BUCKET_COUNT).fill(16_000);
  for (let second = 0; second < 900; second++) log.append(everyBucketHitOften);
  expect(log.capacityBytes).toBe(4 * 1024 * 1024);
});

it('memory stays the same once the retention is full', () => {
  const clock = new FakeClock();
  const metrics = new PerfMetrics({ retentionSeconds: 30, clock });
  const sizes = new Set<number>();
  for (let second = 0; second < 1000; second++) {
    clock.nowMs = second * 1000;
    for (let n = 0; n < 200; n++) metrics.record('operation', 1.01 ** n, true);
    if (second > 60) sizes.add(metrics.memoryBytes);
  }
  expect(sizes.size).toBe(1);
});

it('record allocates nothing in steady state', async () => {
  const records = 1_000_000;
  // Whole milliseconds and durations that lie in an array as objects: what else the caller would have to box is not
  // counted here. A second has 1000 records, so that the seconds' change is part of it.
  const program = `
    import { PerfMetrics } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
    let nowMs = 0;
    const metrics = new PerfMetrics({ retentionSeconds: 5, clock: { now: () => nowMs } });
    const durationsMs = ['boxed', ...Array.from({ length: 1024 }, (_, n) => 1.02 ** (n / 4))];
    const run = () => {
      for (let n = 0; n < ${records}; n++) metrics.record('operation', durationsMs[1 + (nowMs++ & 1023)], (n & 7) !== 0);
    };
    for (let round = 0; round < 4; round++) run();
    const grownBytes = [];
    for (let round = 0; round < 5; round++) {
      gc();
      const before = process.memoryUsage().heapUsed;
      run();
      grownBytes.push(process.memoryUsage().heapUsed - before);
    }
    console.log(Math.min(...grownBytes));
  `;
  // A young generation this large is not collected during a round, which would hide what was allocated.
  const flags = ['--min-semi-space-size=128', '--max-semi-space-size=128', '--expose-gc', '--no-warnings'];
  const evaluate = ['--experimental-strip-types', '--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...evaluate]);
  expect(stdout.trim()).toMatch(/^\d+$/);
  // One boxed number for each would be 16 bytes.
  expect(Number(stdout) / records).toBeLessThan(1);
});
