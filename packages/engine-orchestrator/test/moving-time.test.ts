import { expect, it } from 'vitest';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import type { OrchestratorOptions } from '../src/settings.ts';
import { type FakeClock, fakeClock } from '../src/testing/fake-clock.ts';
import { fakeProbe } from '../src/testing/fake-probe.ts';
import { type FakeRuntime, fakeRuntime } from '../src/testing/fake-runtime.ts';

const readingMs = 0.2;

interface Pool {
  readonly orchestrator: EngineOrchestrator;
  readonly runtime: FakeRuntime;
  readonly clock: FakeClock;
}

/**
 * As real ones are: it goes on with every look at it, and its timers may be early by the part of a millisecond that Node
 * cuts off. So what is due in a moment falls due while a pass of the loop is under way.
 */
async function startPool(options: Partial<OrchestratorOptions>, engines: readonly string[] = []): Promise<Pool> {
  const still = fakeClock();
  let readings = 0;
  const clock = {
    ...still,
    now: () => still.now() + readings++ * readingMs,
    after: (ms: number, callback: () => void) => still.after(Math.max(1, ms - 0.5), callback),
  };
  const runtime = fakeRuntime([...engines], { canProvision: true });
  const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock, ...options });
  await orchestrator.start();
  return { orchestrator, runtime, clock: still };
}

it('an engine that could not be made is tried again, though its pause ends while the loop looks at it', async () => {
  const { orchestrator, runtime, clock } = await startPool({ minReplicas: 0, freeReplicas: 0 });
  runtime.fail('create', new Error('no space left'));
  orchestrator.configure({ minReplicas: 1 });
  await clock.advance(60_000);
  expect(runtime.calls.filter(({ operation }) => operation === 'create')).toHaveLength(5);
  runtime.fail('create', undefined);
  await clock.advance(310_000);
  expect(orchestrator.engines()).toMatchObject([{ ready: true }]);
  await orchestrator.close();
});

it('leases that do not leave an engine are cut off, though their time ends while the loop looks at them', async () => {
  const { orchestrator, runtime, clock } = await startPool(
    { minReplicas: 1, freeReplicas: 0, drainTimeoutMs: 10_000, resyncIntervalMs: 3_600_000 },
    ['a'],
  );
  await orchestrator.acquire('one');
  const removed = orchestrator.remove('a');
  await clock.advance(30_000);
  expect(runtime.has('a')).toBe(false);
  expect(await removed).toBe(true);
  await orchestrator.close();
});
