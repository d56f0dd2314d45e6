import { expect, test } from 'vitest';
import { CHANNELS } from '../channels.ts';
import { openPlayout } from '../playout/open-playout.ts';
import { CLOCK_WRAP } from '../playout/timeline.ts';
import { BufferMeter } from './buffer-meter.ts';

const playout = openPlayout(CHANNELS[0]!);
const PCR_INTERVAL_MS = 25;

/** Delivers the media of `[fromMs, toMs)` of the wall clock in chunks of 100 ms, each as late as `lag` says. */
function deliver(meter: BufferMeter, fromMs: number, toMs: number, arrival: (dueMs: number) => number): void {
  for (let start = fromMs; start < toMs; start += 100) {
    const [from, to] = [playout.offsetAt(start), playout.offsetAt(Math.min(start + 100, toMs))];
    meter.push(playout.read(from, to - from), arrival(start + 100));
  }
}

const T0 = Date.UTC(2026, 5, 1);

test('a stream in real time after a burst keeps the burst in hand', () => {
  const meter = new BufferMeter();
  deliver(meter, T0 - 5000, T0, () => T0);
  meter.resetMinimum();
  deliver(meter, T0, T0 + 10_000, (due) => due);
  expect(meter.finish(T0 + 10_000)).toBeGreaterThan(5000 - 100 - PCR_INTERVAL_MS);
  expect(meter.minBufferedMs).toBeLessThan(5000);
  expect(meter.mediaMs).toBeCloseTo(15_000, -2);
  expect(meter.jumps).toBe(0);
});

test('a stall eats the buffer; the minimum is just before bytes come again', () => {
  const meter = new BufferMeter();
  deliver(meter, T0 - 5000, T0, () => T0);
  deliver(meter, T0, T0 + 3000, (due) => due);
  deliver(meter, T0 + 3000, T0 + 10_000, (due) => Math.max(due, T0 + 9000));
  meter.finish(T0 + 10_000);
  expect(meter.minBufferedMs).toBeGreaterThan(-1000 - PCR_INTERVAL_MS);
  expect(meter.minBufferedMs).toBeLessThan(-1000 + PCR_INTERVAL_MS);
  expect(meter.driestAtMs).toBe(T0 + 9000);
});

test('a stream that goes silent for good runs dry', () => {
  const meter = new BufferMeter();
  deliver(meter, T0 - 5000, T0, () => T0);
  expect(meter.bufferedMs(T0 + 2000)).toBeGreaterThan(2900);
  expect(meter.finish(T0 + 8000)).toBeLessThan(-2900);
});

test('media that was lost or sent again counts as nothing', () => {
  const meter = new BufferMeter();
  deliver(meter, T0, T0 + 2000, (due) => due);
  deliver(meter, T0 + 7000, T0 + 9000, (due) => due - 5000);
  deliver(meter, T0 + 7000, T0 + 9000, (due) => due - 3000);
  expect(meter.jumps).toBe(2);
  expect(meter.mediaMs).toBeGreaterThan(6000 - 3 * 50);
  expect(meter.mediaMs).toBeLessThan(6000);
});

test('the wrap of the clock is no jump', () => {
  const wrapMs = Math.ceil((T0 * 90) / CLOCK_WRAP) * (CLOCK_WRAP / 90);
  const meter = new BufferMeter();
  deliver(meter, wrapMs - 2000, wrapMs + 2000, (due) => due);
  expect(meter.jumps).toBe(0);
  expect(meter.mediaMs).toBeCloseTo(4000, -2);
});
