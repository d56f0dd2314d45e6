import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Flusher } from './flusher.ts';
import { fakeClock } from './testing/fake-clock.ts';

const settings = { minMs: 15, maxMs: 120, maxBytes: 128 * 1024 };

test('after an arrival every client is served exactly once, however many there are', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 700 }), fc.boolean(), async (count, many) => {
      const clock = fakeClock();
      const flusher = new Flusher(clock, settings);
      const served = new Array<number>(count).fill(0);
      for (let index = 0; index < count; index++) flusher.add({ flush: () => void served[index]!++ });
      flusher.wake(many ? settings.maxBytes : 188);
      await clock.advance(200);
      for (let turn = 0; turn < 20; turn++) await clock.advance(0);
      // The last cohort may reach into clients that were served before.
      expect(served.every((times) => times >= 1 && times <= 2)).toBe(true);
      expect(flusher.active).toBe(false);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 30 },
  );
});

test('arrivals are gathered: few clients wait 15 ms at most, hundreds 120 ms', async () => {
  for (const [count, dueMs] of [
    [5, 15],
    [20, 15],
    [200, 120],
    [500, 120],
  ] as const) {
    const clock = fakeClock();
    const flusher = new Flusher(clock, settings);
    const servedAt: number[] = [];
    for (let index = 0; index < count; index++) flusher.add({ flush: () => void servedAt.push(clock.now()) });
    for (let ms = 0; ms < dueMs * 4; ms++) {
      flusher.wake(188);
      await clock.advance(1);
    }
    expect(Math.max(...servedAt.slice(0, count))).toBeLessThanOrEqual(dueMs + 1);
    expect(servedAt.length).toBeLessThanOrEqual(count * 5);
    flusher.stop();
  }
});

test('a client that leaves between cohorts does not make another one miss its turn', async () => {
  const clock = fakeClock();
  const flusher = new Flusher(clock, settings);
  const served = new Set<number>();
  const clients = Array.from({ length: 150 }, (_, index) => ({
    flush: (): void => {
      served.add(index);
    },
  }));
  for (const client of clients) flusher.add(client);
  flusher.wake(188);
  await clock.advance(45);
  flusher.remove(clients[3]!);
  await clock.advance(200);
  expect(served.size).toBe(150);
});

test('a full batch serves the cohort that waits for it, and nobody gets smaller writes for that', async () => {
  const clock = fakeClock();
  const flusher = new Flusher(clock, settings);
  let appendedBytes = 0;
  const writes: number[] = [];
  for (let index = 0; index < 200; index++) {
    let takenBytes = 0;
    flusher.add({
      flush() {
        writes.push(appendedBytes - takenBytes);
        takenBytes = appendedBytes;
      },
    });
  }
  const play = async (bytesPerMs: number): Promise<number> => {
    writes.length = 0;
    for (let ms = 0; ms < 2_000; ms++) {
      appendedBytes += bytesPerMs;
      flusher.wake(bytesPerMs);
      await clock.advance(1);
    }
    return writes.reduce((sum, bytes) => sum + bytes, 0) / writes.length;
  };
  // 4 Mbit/s fill half a batch in 120 ms: time decides. At 80 Mbit/s size does.
  expect(await play(500)).toBeGreaterThan(55_000);
  expect(await play(10_000)).toBeGreaterThan(settings.maxBytes * 0.95);
  expect(Math.max(...writes)).toBeLessThan(settings.maxBytes * 1.25);
});

test('clients that join while a round is under way keep nobody from being served in it', async () => {
  const clock = fakeClock();
  const flusher = new Flusher(clock, settings);
  const served = new Set<number>();
  for (let index = 0; index < 100; index++) flusher.add({ flush: () => void served.add(index) });
  flusher.wake(188);
  await clock.advance(40);
  for (let index = 100; index < 128; index++) flusher.add({ flush: () => {} });
  await clock.advance(200);
  expect(served.size).toBe(100);
  expect(clock.pending).toBe(0);
});
