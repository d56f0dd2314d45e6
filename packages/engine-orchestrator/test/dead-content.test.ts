import { expect, it } from 'vitest';
import { startOrchestrator } from './support/start-orchestrator.ts';
import { startPool } from './support/start-pool.ts';

it('a content that two engines call dead is refused for a while without asking a third one', async () => {
  const dead: unknown[] = [];
  const { orchestrator, clock } = await startOrchestrator(['a', 'b', 'c'], {
    on: { contentDead: (event) => dead.push(event) },
  });
  const first = await orchestrator.acquire('k');
  first.identify('infohash');
  await first.release('content-dead');
  const second = await orchestrator.acquire('k');
  expect(second.engine.id).not.toBe(first.engine.id);
  await second.release('content-dead');
  expect(dead).toMatchObject([{ key: 'k', forMs: 30_000, engineIds: [first.engine.id, second.engine.id] }]);
  await clock.advance(10_000);
  await expect(orchestrator.acquire('k')).rejects.toMatchObject({
    code: 'content_dead',
    recoveryEtaSeconds: 20,
    retryable: true,
  });
  await expect(orchestrator.acquire('x', { identity: 'infohash' })).rejects.toMatchObject({ code: 'content_dead' });
  // Its engines are not to blame, and play anything else.
  expect(orchestrator.engines().map(({ penalties }) => penalties)).toEqual([0, 0, 0]);
  expect((await orchestrator.acquire('k', { evenIfDead: true })).key).toBe('k');
  await clock.advance(20_000);
  expect((await orchestrator.acquire('k')).key).toBe('k');
});

it('one engine alone cannot call a content dead, and two that failed otherwise do not either', async () => {
  const { orchestrator } = await startOrchestrator(['a', 'b', 'c']);
  for (const outcome of ['content-dead', 'content-bad', 'engine-bad'] as const) {
    await (await orchestrator.acquire('k')).release(outcome);
  }
  expect((await orchestrator.acquire('k')).key).toBe('k');
});

it('no engine is made for a content that was declared dead', async () => {
  const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
  pool.orchestrator.declareDead('k', 'infohash');
  await expect(pool.orchestrator.acquire('k')).rejects.toMatchObject({ code: 'content_dead' });
  await expect(pool.orchestrator.acquire('infohash')).rejects.toMatchObject({ code: 'content_dead' });
  await pool.clock.advance(10_000);
  expect(pool.runtime.calls).toEqual([]);
});
