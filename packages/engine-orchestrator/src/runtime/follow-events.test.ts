import { expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import type { EngineRuntime, RuntimeEvent } from './engine-runtime.ts';
import { followEvents } from './follow-events.ts';

function runtimeWith(events: NonNullable<EngineRuntime['events']>): EngineRuntime {
  return { kind: 'test', canProvision: false, list: async () => [], events };
}

it('an event stream that ignores the signal is closed and not waited for', async () => {
  let closed = 0;
  const stubborn: AsyncIterable<RuntimeEvent> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        closed += 1;
        return { done: true, value: undefined };
      },
    }),
  };
  const clock = fakeClock();
  const leaving = new AbortController();
  const following = followEvents({
    clock,
    runtime: runtimeWith(() => stubborn),
    signal: leaving.signal,
    onChange: () => {},
    onBroken: () => {},
  });
  await clock.advance(0);
  leaving.abort();
  await following;
  expect([closed, clock.pendingTimers]).toEqual([1, 0]);
});

it('an event stream that cannot be opened is tried again with growing pauses, which an event ends', async () => {
  const clock = fakeClock();
  const leaving = new AbortController();
  const openedAt: number[] = [];
  const broken: unknown[] = [];
  let changes = 0;
  const following = followEvents({
    clock,
    runtime: runtimeWith(() => {
      openedAt.push(clock.now());
      if (openedAt.length !== 4) throw new Error('no daemon');
      return (async function* () {
        yield { type: 'changed', engineId: 'a' } as const;
      })();
    }),
    signal: leaving.signal,
    onChange: () => {
      changes += 1;
    },
    onBroken: (error) => broken.push((error as Error).message),
  });
  await clock.advance(8_500);
  expect(openedAt).toEqual([0, 1_000, 3_000, 7_000, 8_000]);
  expect(broken[0]).toBe('no daemon');
  expect(broken[3]).toBe('The event stream of the test runtime ended');
  // Once after each pause, since events may have been missed, and once for the event.
  expect(changes).toBe(5);
  leaving.abort();
  await following;
  expect(clock.pendingTimers).toBe(0);
});
