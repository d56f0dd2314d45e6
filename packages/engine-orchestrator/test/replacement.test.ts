import { describe, expect, it } from 'vitest';
import { type Pool, startPool } from './support/start-pool.ts';

const count = (pool: Pool, operation: string): number =>
  pool.runtime.calls.filter((call) => call.operation === operation).length;

describe('a hung engine', () => {
  it('is found in three rounds, emptied, replaced once, and delays nobody else', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0, maxLeasesPerEngine: 5 });
    const [hung = '', well = ''] = pool.ids();
    const lease = await pool.orchestrator.acquire('k', { avoid: [well] });
    expect(lease.engine.id).toBe(hung);
    pool.probe.set(hung, 'hang');
    const before = pool.probe.calls.filter((id) => id === well).length;
    await pool.clock.advance(66_000);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_unhealthy' });
    expect(pool.orchestrator.engines()).toMatchObject([
      { id: hung, health: 'unhealthy' },
      { id: well, health: 'healthy' },
    ]);
    expect(pool.probe.calls.filter((id) => id === well).length - before).toBeGreaterThanOrEqual(3);
    expect(count(pool, 'create')).toBe(2);
    await lease.release('engine-bad');
    await pool.clock.advance(70_000);
    expect(pool.ids()).toHaveLength(2);
    expect(pool.ids()).not.toContain(hung);
    expect(count(pool, 'create')).toBe(3);
    expect(pool.told.filter((hook) => hook === 'replaceStart')).toHaveLength(1);
    await pool.clock.advance(300_000);
    expect(count(pool, 'create')).toBe(3);
  });

  it('that answers again in time is kept', async () => {
    const pool = await startPool({ freeReplicas: 0 });
    const [id = ''] = pool.ids();
    pool.probe.set(id, 'fail');
    await pool.clock.advance(90_000);
    expect(pool.orchestrator.engines()[0]?.health).toBe('unhealthy');
    pool.probe.set(id, 'ok');
    await pool.clock.advance(120_000);
    expect(pool.ids()).toEqual([id]);
    expect(count(pool, 'remove')).toBe(0);
  });

  it('is kept in service when bytes flow from it, whatever its probes say', async () => {
    const pool = await startPool({ freeReplicas: 0 });
    const [id = ''] = pool.ids();
    const lease = await pool.orchestrator.acquire('k');
    pool.probe.set(id, 'hang');
    for (let second = 0; second < 300; second += 1) {
      pool.orchestrator.observe(id, 'bytes');
      await pool.clock.advance(1_000);
    }
    expect(lease.signal.aborted).toBe(false);
    expect(pool.ids()).toContain(id);
  });
});

describe('when most engines are unhealthy at once', () => {
  it('they are replaced one per cooldown, and not all at once', async () => {
    const pool = await startPool({ minReplicas: 6, freeReplicas: 0, maxReplicas: 6, replaceBreakerFailures: 100 });
    await pool.clock.advance(10_000);
    const old = pool.ids();
    expect(old).toHaveLength(6);
    for (const id of old) pool.probe.set(id, 'fail');
    await pool.clock.advance(62_000);
    expect(pool.orchestrator.engines().every(({ health }) => health === 'unhealthy')).toBe(true);
    const removed: number[] = [];
    for (let minute = 0; minute < 6; minute += 1) {
      await pool.clock.advance(60_000);
      removed.push(count(pool, 'remove'));
    }
    expect(removed[0]).toBeLessThanOrEqual(1);
    for (const [at, sum] of removed.entries()) expect(sum).toBeLessThanOrEqual(at + 1);
    expect(removed.at(-1)).toBeGreaterThanOrEqual(5);
  });

  it('and those that replace them do not work either, the rest is left alone', async () => {
    const pool = await startPool({ minReplicas: 4, freeReplicas: 0, maxReplicas: 4, startTimeoutMs: 5_000 });
    await pool.clock.advance(5_000);
    pool.runtime.fail('create', new Error('broken'));
    for (const id of pool.ids()) pool.probe.set(id, 'fail');
    await pool.clock.advance(1_200_000);
    // One made room for a replacement that never came; no other one followed it.
    expect(pool.ids()).toHaveLength(3);
    expect(pool.orchestrator.provisioning()).toMatchObject({
      canProvision: false,
      blocked: { code: 'circuit_breaker' },
    });
  });
});

describe('replacing that keeps failing', () => {
  it('stops for a while after three failures, and engines that are needed are made all the same', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0, maxLeasesPerEngine: 1, breakerFailures: 100 });
    await pool.clock.advance(5_000);
    const [hung, well] = pool.ids();
    pool.probe.set(hung ?? '', 'fail');
    pool.runtime.fail('create', new Error('no space left'));
    await pool.clock.advance(200_000);
    const { breakers } = pool.orchestrator.provisioning();
    expect([breakers.general.state, breakers.replacement.state]).toEqual(['closed', 'open']);
    expect(count(pool, 'create')).toBe(2 + 3);
    pool.runtime.fail('create', undefined);
    await pool.clock.advance(40_000);
    expect(pool.ids()).toEqual([hung, well]);
    const waiting = [pool.orchestrator.acquire('1'), pool.orchestrator.acquire('2')];
    await pool.clock.advance(5_000);
    const leases = await Promise.all(waiting);
    expect(leases.map(({ engine }) => engine.id)).toContain(well);
    expect(pool.ids()).toContain(hung);
    for (const lease of leases) await lease.release();
    await pool.clock.advance(200_000);
    expect(pool.ids()).not.toContain(hung);
  });
});

describe('outdated engines', () => {
  const old = { outdated: { reason: 'config', message: 'other flags' } } as const;

  it('are replaced one after the other when somebody asks, each after its successor is ready; its streams move', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0, maxReplicas: 3 }, ['a', 'b']);
    const lease = await pool.orchestrator.acquire('k', { avoid: ['b'] });
    const other = await pool.orchestrator.acquire('l', { avoid: ['a'] });
    pool.runtime.change('a', old);
    pool.runtime.change('b', old);
    await pool.clock.advance(120_000);
    // Nobody asked, and they play.
    expect(pool.ids()).toEqual(['a', 'b']);
    expect(pool.orchestrator.reprovision()).toMatchObject({ inProgress: true, totalEngines: 2, enginesStopped: 0 });
    expect(() => pool.orchestrator.reprovision()).toThrow(expect.objectContaining({ code: 'reprovision_running' }));
    await pool.clock.advance(5_000);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_draining' });
    expect(other.signal.aborted).toBe(false);
    expect(pool.ids()).toContain('a');
    expect(pool.orchestrator.reprovisionStatus()).toMatchObject({
      phase: 'replacing',
      enginesStopped: 0,
      enginesProvisioned: 1,
    });
    const moved = await pool.orchestrator.acquire('k');
    expect(moved.engine.id).not.toBe('a');
    await lease.release();
    await pool.clock.advance(10_000);
    expect(other.signal.reason).toMatchObject({ code: 'engine_draining' });
    await other.release();
    await pool.clock.advance(10_000);
    expect(pool.ids()).not.toContain('a');
    expect(pool.ids()).not.toContain('b');
    expect(pool.orchestrator.reprovisionStatus()).toMatchObject({
      inProgress: false,
      phase: 'done',
      enginesStopped: 2,
    });
    expect(pool.told.filter((hook) => hook.startsWith('reprovision'))).toEqual(['reprovisionStart', 'reprovisionEnd']);
    expect(moved.signal.aborted).toBe(false);
  });

  it('wait for room while their streams have nowhere to go', async () => {
    const pool = await startPool({ minReplicas: 1, freeReplicas: 0, maxReplicas: 1, maxLeasesPerEngine: 1 }, ['a']);
    const lease = await pool.orchestrator.acquire('k');
    pool.runtime.change('a', old);
    pool.orchestrator.reprovision();
    await pool.clock.advance(300_000);
    expect(lease.signal.aborted).toBe(false);
    expect(pool.orchestrator.reprovisionStatus()).toMatchObject({ inProgress: true, phase: 'waiting' });
    await lease.release();
    await pool.clock.advance(5_000);
    expect(pool.ids()).toHaveLength(1);
    expect(pool.ids()).not.toContain('a');
    expect(pool.orchestrator.reprovisionStatus()).toMatchObject({ phase: 'done' });
  });

  it('stay as long as a stream does not leave them: they work', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0, drainTimeoutMs: 10_000 }, ['a', 'b']);
    const lease = await pool.orchestrator.acquire('k', { avoid: ['b'] });
    pool.runtime.change('a', old);
    await pool.clock.advance(200);
    pool.orchestrator.reprovision();
    await pool.clock.advance(600_000);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_draining' });
    expect(pool.orchestrator.engines().find(({ id }) => id === 'a')).toMatchObject({ leases: 1, draining: true });
    await lease.release();
    await pool.clock.advance(10_000);
    expect(pool.ids()).not.toContain('a');
  });

  it('that wait for a stream to leave keep no hung engine in its place', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0, drainTimeoutMs: 10_000 }, ['a', 'b']);
    await pool.orchestrator.acquire('k', { avoid: ['b'] });
    pool.runtime.change('a', old);
    await pool.clock.advance(200);
    pool.orchestrator.reprovision();
    await pool.clock.advance(10_000);
    pool.probe.set('b', 'fail');
    await pool.clock.advance(300_000);
    expect(pool.ids()).toContain('a');
    expect(pool.ids()).not.toContain('b');
  });

  it('go by themselves when nobody uses them, but not for a newer image of the same name', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0 }, ['a', 'b']);
    pool.runtime.change('a', old);
    pool.runtime.change('b', { outdated: { reason: 'image', message: 'newer' } });
    await pool.clock.advance(60_000);
    expect(pool.ids()).not.toContain('a');
    expect(pool.ids()).toContain('b');
    expect(pool.orchestrator.engines().find(({ id }) => id === 'b')?.outdated).toEqual({
      reason: 'image',
      message: 'newer',
    });
  });

  it('all go when somebody asks and none is outdated', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 0 }, ['a', 'b']);
    pool.orchestrator.reprovision();
    await pool.clock.advance(30_000);
    expect(pool.ids()).toHaveLength(2);
    expect(pool.ids().some((id) => id === 'a' || id === 'b')).toBe(false);
  });
});

describe('an engine whose network is gone', () => {
  it('is removed at once, without a cooldown, after its streams were told to move', async () => {
    const pool = await startPool({ minReplicas: 3, freeReplicas: 0 }, ['a', 'b', 'c']);
    const lease = await pool.orchestrator.acquire('k', { avoid: ['b', 'c'] });
    for (const id of ['a', 'b', 'c']) {
      pool.runtime.change(id, { outdated: { reason: 'network', message: 'vpn was made anew' } });
    }
    await pool.clock.advance(200);
    expect(lease.signal.reason).toMatchObject({ code: 'engine_draining' });
    await lease.release();
    await pool.clock.advance(5_000);
    expect(pool.ids()).toHaveLength(3);
    expect(pool.ids().some((id) => ['a', 'b', 'c'].includes(id))).toBe(false);
  });
});
