import { expect, it } from 'vitest';
import type { OwnedContainers } from './owned-containers.ts';
import { StartTimes } from './start-times.ts';

const { signal } = new AbortController();

/** A daemon whose answers come when the test says so. */
function startTimes() {
  const answers: ((startedAt: string) => void)[] = [];
  const inspect = (): Promise<unknown> =>
    new Promise((resolve) => {
      answers.push((StartedAt) => resolve({ State: { Running: true, StartedAt } }));
    });
  const times = new StartTimes({ inspect } as unknown as OwnedContainers);
  times.setFollowed(true);
  return { times, answers };
}

it('asks once for each process while events are followed', async () => {
  const { times, answers } = startTimes();
  const asked = times.of('a', signal);
  answers[0]?.('2026-01-01T00:00:01Z');
  expect(await asked).toBe(await times.of('a', signal));
  expect(answers).toHaveLength(1);
});

it('does not remember an answer that an event overtook', async () => {
  const { times, answers } = startTimes();
  const before = times.of('a', signal);
  times.forget('a');
  answers[0]?.('2026-01-01T00:00:01Z');
  await before;
  const after = times.of('a', signal);
  answers[1]?.('2026-01-01T00:00:02Z');
  expect(await after).toBe(((await before) ?? 0) + 1_000);
});
