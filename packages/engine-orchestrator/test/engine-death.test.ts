import { describe, expect, it } from 'vitest';
import { outcome, startOrchestrator } from './support/start-orchestrator.ts';

describe('an engine that stops answering', () => {
  it('is found out in three rounds, and its leases are told, while other engines are left alone', async () => {
    const { orchestrator, probe, clock } = await startOrchestrator(['hung', 'fine']);
    const doomed = await orchestrator.acquire('1', { avoid: ['fine'] });
    const safe = await orchestrator.acquire('2', { avoid: ['hung'] });
    probe.set('hung', 'hang');
    // Probes begin at 20 s, 40 s and 60 s, and each is given up after 5 s.
    await clock.advance(64_999);
    expect(doomed.signal.aborted).toBe(false);
    await clock.advance(1);
    expect(doomed.signal.reason).toMatchObject({ code: 'engine_unhealthy', message: /no answer within 5000 ms/ });
    expect(safe.signal.aborted).toBe(false);
    expect(orchestrator.engines().map(({ health }) => health)).toEqual(['unhealthy', 'healthy']);
    expect(probe.calls.filter((id) => id === 'fine').length).toBeGreaterThanOrEqual(4);
  });

  it('is not unhealthy while its bytes flow', async () => {
    const { orchestrator, probe, clock } = await startOrchestrator(['a']);
    const lease = await orchestrator.acquire('1');
    probe.set('a', 'fail');
    for (let second = 0; second < 100; second += 1) {
      orchestrator.observe('a', 'bytes');
      await clock.advance(1_000);
    }
    expect(lease.signal.aborted).toBe(false);
    expect(orchestrator.engines()[0]).toMatchObject({ health: 'healthy', ready: true });
    await clock.advance(40_000);
    expect(lease.signal.aborted).toBe(true);
    expect(orchestrator.engines()[0]?.unhealthyReason).toBe('told to fail');
  });

  it('is found out within a second or so when a proxy sees it fail, without condemning one that answers', async () => {
    const { orchestrator, probe, clock } = await startOrchestrator(['killed', 'fine']);
    const killed = await orchestrator.acquire('1', { avoid: ['fine'] });
    const fine = await orchestrator.acquire('2', { avoid: ['killed'] });
    await clock.advance(5_000);
    probe.set('killed', 'fail');
    for (const id of ['killed', 'fine', 'fine', 'fine', 'unknown']) orchestrator.observe(id, 'failure');
    await clock.advance(1_000);
    expect(killed.signal.reason).toMatchObject({ code: 'engine_unhealthy' });
    expect(fine.signal.aborted).toBe(false);
  });

  it('keeps the content to itself until the lease is released', async () => {
    const { orchestrator, probe, clock } = await startOrchestrator(['a'], { deadLeaseTimeoutMs: 50_000 });
    const lease = await orchestrator.acquire('k');
    probe.set('a', 'fail');
    await clock.advance(60_000);
    expect(lease.signal.aborted).toBe(true);
    probe.set('a', 'ok');
    await clock.advance(10_000);
    expect(orchestrator.engines()[0]).toMatchObject({ ready: true, leases: 1 });
    const again = orchestrator.acquire('k');
    expect(await outcome(again, clock)).toBe('pending');
    await lease.release('engine-bad');
    expect(await outcome(again, clock)).toMatchObject({ engine: { id: 'a' } });
  });

  it('does not block its content for ever when nobody releases the lease', async () => {
    const ends: string[] = [];
    const { orchestrator, probe, clock } = await startOrchestrator(['a'], {
      on: { leaseEnd: ({ outcome: how }) => ends.push(how) },
    });
    const lease = await orchestrator.acquire('k');
    probe.set('a', 'fail');
    await clock.advance(60_000);
    probe.set('a', 'ok');
    const again = orchestrator.acquire('k');
    await clock.advance(9_000);
    expect(await outcome(again, clock)).toBe('pending');
    await clock.advance(1_000);
    expect(await outcome(again, clock)).toMatchObject({ engine: { id: 'a' } });
    await lease.release();
    expect(orchestrator.engines()[0]?.leases).toBe(1);
    expect(ends).toEqual(['lapsed']);
  });
});

describe('an engine whose process ends', () => {
  it.each(['crash', 'vanish', 'restart'] as const)('tells its leases (%s)', async (how) => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a']);
    const lease = await orchestrator.acquire('k');
    runtime[how]('a');
    await clock.advance(100);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_gone' });
  });

  it('does not block the same content after its restart, though nobody released the lease', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    const old = await orchestrator.acquire('k');
    const waiting = orchestrator.acquire('k');
    runtime.restart('a');
    await clock.advance(100);
    expect(await outcome(waiting, clock)).toMatchObject({ engine: { id: 'a' } });
    await old.release();
    expect(orchestrator.engines()[0]).toMatchObject({ leases: 1, keys: ['k'] });
  });

  it('takes nothing while it is stopped, and is back when it runs and answers', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a']);
    runtime.crash('a');
    await clock.advance(100);
    expect(orchestrator.engines()[0]).toMatchObject({ running: false, ready: false, health: 'unknown' });
    expect(orchestrator.capacity()).toEqual({ total: 0, used: 0, available: 0, waiting: 0 });
    const waiting = orchestrator.acquire('k');
    runtime.restart('a');
    await clock.advance(100);
    expect(await outcome(waiting, clock)).toMatchObject({ engine: { id: 'a' } });
  });

  it('drops the answer of a probe that was under way', async () => {
    const { orchestrator, runtime, probe, clock } = await startOrchestrator([]);
    probe.set('a', 'hang');
    runtime.add({ id: 'a' });
    await clock.advance(100);
    runtime.vanish('a');
    await clock.advance(10_000);
    expect(orchestrator.engines()).toEqual([]);
    expect(probe.calls).toEqual(['a']);
  });
});

describe('an engine that is restarted while it is probed', () => {
  it('is not blamed for what its old process did not answer', async () => {
    const { orchestrator, runtime, probe, clock } = await startOrchestrator(['a'], { unhealthyAfter: 1 });
    probe.set('a', 'hang');
    await clock.advance(22_000);
    runtime.restart('a');
    await clock.advance(100);
    expect(orchestrator.engines()[0]).toMatchObject({ health: 'unknown', unhealthyReason: undefined });
  });
});

describe('an engine that is drained', () => {
  it('tells its leases to move, takes nothing new, and keeps their slots until they have moved', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', 'b'], { maxLeasesPerEngine: 2 });
    const lease = await orchestrator.acquire('k');
    expect(orchestrator.drain('a')).toBe(true);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_draining' });
    expect((await orchestrator.acquire('k')).engine.id).toBe('b');
    expect((await orchestrator.acquire('2')).engine.id).toBe('b');
    await clock.advance(60_000);
    expect(orchestrator.engines()[0]).toMatchObject({ draining: true, ready: false, leases: 1 });
    await lease.release();
    expect(orchestrator.engines()[0]?.leases).toBe(0);

    const waiting = orchestrator.acquire('3');
    expect(await outcome(waiting, clock)).toBe('pending');
    expect(orchestrator.resume('a')).toBe(true);
    expect((await waiting).engine.id).toBe('a');
  });

  it('must be known', async () => {
    const { orchestrator } = await startOrchestrator([]);
    expect([orchestrator.drain('x'), orchestrator.resume('x')]).toEqual([false, false]);
  });
});
