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
