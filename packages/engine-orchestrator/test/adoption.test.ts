import { expect, it } from 'vitest';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import { fakeClock } from '../src/testing/fake-clock.ts';
import { fakeProbe } from '../src/testing/fake-probe.ts';
import { fakeRuntime } from '../src/testing/fake-runtime.ts';
import { outcome } from './support/start-orchestrator.ts';
import { startPool } from './support/start-pool.ts';

it('engines that run already are adopted: no new ones, and they play at once', async () => {
  const pool = await startPool({ minReplicas: 2, freeReplicas: 0 }, ['a', 'b']);
  const leases = await Promise.all(['k', 'l', 'm'].map((key) => pool.orchestrator.acquire(key, { timeoutMs: 0 })));
  expect(new Set(leases.map(({ engine }) => engine.id))).toEqual(new Set(['a', 'b']));
  await pool.clock.advance(10_000);
  expect(pool.runtime.calls).toEqual([]);
});

it('a process that follows one that was killed takes over its engines with all their slots free', async () => {
  const pool = await startPool();
  const asked = ['k', 'l', 'm'].map((key) => pool.orchestrator.acquire(key));
  await pool.clock.advance(10_000);
  await Promise.all(asked);
  const before = pool.ids();
  // It was killed: it releases nothing and removes nothing.
  const next = new EngineOrchestrator({ runtime: pool.runtime, probe: pool.probe, clock: pool.clock });
  await next.start();
  const again = await Promise.all(['k', 'l', 'm'].map((key) => next.acquire(key, { timeoutMs: 0 })));
  expect(new Set([...before, ...again.map(({ engine }) => engine.id)])).toEqual(new Set(before));
});

it('more engines than may be are kept as long as they play, and then go', async () => {
  const pool = await startPool({ maxReplicas: 1, minReplicas: 1, freeReplicas: 0 }, ['a', 'b', 'c']);
  const leases = await Promise.all(['k', 'l'].map((key) => pool.orchestrator.acquire(key)));
  await pool.clock.advance(60_000);
  expect(pool.ids()).toEqual(leases.map(({ engine }) => engine.id));
  for (const lease of leases) await lease.release();
  await pool.clock.advance(60_000);
  expect(pool.ids()).toHaveLength(1);
});

it('on exit engines are kept, or removed when that is asked for', async () => {
  const kept = await startPool({}, ['a']);
  await kept.orchestrator.close();
  expect(kept.runtime.has('a')).toBe(true);
  const removed = await startPool({}, ['a', 'b']);
  await removed.orchestrator.close({ engines: 'remove' });
  expect([removed.runtime.has('a'), removed.runtime.has('b')]).toEqual([false, false]);
  expect(removed.clock.pendingTimers).toBe(0);
});

it('an engine that is only being made at the end is removed as soon as it exists, and the end waits for that', async () => {
  const { promise: made, resolve: goOn } = Promise.withResolvers<void>();
  const runtime = fakeRuntime([], { canProvision: true });
  const { create } = runtime;
  const told: string[] = [];
  const clock = fakeClock();
  // A daemon that is asked to make something makes it, whoever has left meanwhile.
  runtime.create = async (request) => {
    await made;
    return create(request, { signal: new AbortController().signal });
  };
  const on = { engineRemoved: ({ engine }: { engine: { id: string } }) => void told.push(engine.id) };
  const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock, minReplicas: 2, on });
  await orchestrator.start();
  await clock.advance(100);
  const closed = orchestrator.close({ engines: 'remove' });
  expect(await outcome(closed, clock)).toBe('pending');
  goOn();
  await closed;
  expect(await runtime.list({ signal: new AbortController().signal })).toEqual([]);
  expect(runtime.most).toBe(2);
  expect(told).toHaveLength(2);
  expect(clock.pendingTimers).toBe(0);
});

it('an engine that exists and is not listed yet at the end is removed as well', async () => {
  const runtime = fakeRuntime([], { canProvision: true });
  const clock = fakeClock();
  const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock });
  await orchestrator.start();
  runtime.hang('start', true);
  runtime.hang('list', true);
  await clock.advance(100);
  expect([runtime.most, orchestrator.engines().length]).toEqual([1, 0]);
  const closed = orchestrator.close({ engines: 'remove' });
  runtime.hang('list', false);
  await closed;
  expect(await runtime.list({ signal: new AbortController().signal })).toEqual([]);
});

it('the end does not wait for ever for what is being made', async () => {
  const clock = fakeClock();
  const runtime = fakeRuntime(['a'], { canProvision: true });
  runtime.create = () => new Promise(() => {});
  const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock, minReplicas: 2 });
  await orchestrator.start();
  await clock.advance(100);
  const closed = orchestrator.close({ engines: 'remove' });
  await clock.advance(10_000);
  expect(await outcome(closed, clock)).toBeUndefined();
  expect(runtime.has('a')).toBe(false);
});

it('what former engines left behind is removed once at the start, when the engines are known, and when asked for', async () => {
  const runtime = fakeRuntime(['a'], { canProvision: true });
  const clock = fakeClock();
  const listings: number[] = [];
  runtime.prune = async () => {
    listings.push(runtime.listings);
    return 2;
  };
  const failures: string[] = [];
  const on = { runtimeFailed: ({ operation }: { operation: string }) => failures.push(operation) };
  const orchestrator = new EngineOrchestrator({ runtime, clock, probe: fakeProbe(), on });
  runtime.fail('list', new Error('away'));
  await orchestrator.start();
  expect(listings).toEqual([]);
  runtime.fail('list', undefined);
  await clock.advance(60_000);
  expect(listings).toHaveLength(1);
  expect(listings[0]).toBeGreaterThan(1);
  expect(await orchestrator.prune()).toBe(2);
  await orchestrator.close();
  expect(await orchestrator.prune()).toBe(0);
  expect(failures).not.toContain('prune');
});

it('what cannot be removed at the start is told, and nothing waits for it', async () => {
  const runtime = fakeRuntime(['a'], { canProvision: true });
  const told = Promise.withResolvers<unknown>();
  runtime.prune = () => Promise.reject(new Error('in use'));
  const on = { runtimeFailed: (event: unknown) => told.resolve(event) };
  const orchestrator = new EngineOrchestrator({ runtime, clock: fakeClock(), probe: fakeProbe(), on });
  await orchestrator.start();
  expect(await told.promise).toMatchObject({ operation: 'prune', error: new Error('in use') });
  await orchestrator.close();
});
