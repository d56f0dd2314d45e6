import { describe, expect, it } from 'vitest';
import type { Lease } from '../src/leases/lease.ts';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import { fakeClock } from '../src/testing/fake-clock.ts';
import { fakeProbe } from '../src/testing/fake-probe.ts';
import { fakeRuntime } from '../src/testing/fake-runtime.ts';
import { outcome } from './support/start-orchestrator.ts';
import { type Pool, startPool } from './support/start-pool.ts';

const two = { minReplicas: 1, freeReplicas: 0, maxLeasesPerEngine: 2 };

async function hold(pool: Pool, count: number, from = 0): Promise<Lease[]> {
  const leases = Array.from({ length: count }, (_, at) => pool.orchestrator.acquire(`k${from + at}`));
  await pool.clock.advance(5_000);
  return Promise.all(leases);
}

async function soon<T>(pool: Pool, promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  await pool.clock.advance(1_000);
  return promise;
}

describe('the number of engines', () => {
  it('is the minimum from the start on', async () => {
    const { orchestrator } = await startPool({ minReplicas: 3, freeReplicas: 0 });
    expect(orchestrator.engines().map(({ ready }) => ready)).toEqual([true, true, true]);
  });

  it('grows by one in reserve when one comes into use, and shrinks again after the grace', async () => {
    const pool = await startPool();
    expect(pool.ids()).toHaveLength(1);
    const [lease] = await hold(pool, 1);
    expect(pool.ids()).toHaveLength(2);
    await lease?.release();
    await pool.clock.advance(25_000);
    expect(pool.ids()).toHaveLength(2);
    await pool.clock.advance(6_000);
    expect(pool.ids()).toHaveLength(1);
    expect(pool.told).toContain('engineRemoved');
  });

  it('counts the grace anew when an engine was used in between', async () => {
    const pool = await startPool({ freeReplicas: 0, minReplicas: 0, maxLeasesPerEngine: 1 });
    const [lease] = await hold(pool, 1);
    await lease?.release();
    await pool.clock.advance(20_000);
    const [again] = await hold(pool, 1);
    await again?.release();
    await pool.clock.advance(20_000);
    expect(pool.ids()).toContain(again?.engine.id);
    await pool.clock.advance(15_000);
    expect(pool.ids()).toEqual([]);
  });

  it('says nothing while nothing changes, however long idle engines that are kept stay', async () => {
    const pool = await startPool({ minReplicas: 2, freeReplicas: 2 });
    const told = pool.told.length;
    await pool.clock.advance(3_600_000);
    expect(pool.ids()).toHaveLength(2);
    expect(pool.told.slice(told)).toEqual([]);
  });

  it('looks ahead: when the last slot but one of an engine is taken, exactly one more is made however often the loop runs', async () => {
    const pool = await startPool({ ...two, maxLeasesPerEngine: 3 });
    await hold(pool, 1);
    expect(pool.ids()).toHaveLength(1);
    pool.runtime.hang('start', true);
    await hold(pool, 1, 1);
    for (let round = 0; round < 20; round += 1) {
      pool.orchestrator.configure();
      await pool.clock.advance(100);
    }
    expect(pool.runtime.calls.filter(({ operation }) => operation === 'create')).toHaveLength(2);
    pool.runtime.hang('start', false);
    await pool.clock.advance(2_000);
    expect(pool.ids()).toHaveLength(2);
  });

  it('never exceeds the maximum in a flash crowd, and makes two at a time', async () => {
    const pool = await startPool({ maxReplicas: 4, maxLeasesPerEngine: 3 });
    let most = 0;
    pool.runtime.hang('start', true);
    const asked = Array.from({ length: 30 }, (_, at) => pool.orchestrator.acquire(`k${at}`, { timeoutMs: 20_000 }));
    for (const each of asked) each.catch(() => {});
    await pool.clock.advance(1_000);
    expect(pool.runtime.calls.filter(({ operation }) => operation === 'create')).toHaveLength(3);
    pool.runtime.hang('start', false);
    for (let round = 0; round < 200; round += 1) {
      await pool.clock.advance(100);
      most = Math.max(most, ...pool.orchestrator.engines().map(({ leases }) => leases));
    }
    expect(most).toBe(3);
    expect(pool.runtime.most).toBe(4);
    const settled = await Promise.allSettled(asked);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(12);
    for (const each of settled) {
      if (each.status === 'fulfilled') continue;
      expect(each.reason).toMatchObject({ code: 'no_capacity', blocked: { code: 'max_capacity' } });
      expect(each.reason.recoveryEtaSeconds).toBeGreaterThan(0);
    }
    for (const each of settled) if (each.status === 'fulfilled') await each.value.release();
    await pool.clock.advance(60_000);
    expect(pool.ids()).toHaveLength(1);
  });

  it('can be nothing at all: 0 means 0', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
    await pool.clock.advance(600_000);
    expect(pool.runtime.calls).toEqual([]);
    expect(pool.runtime.listings).toBe(1);
    const waiting = pool.orchestrator.acquire('k');
    await pool.clock.advance(2_000);
    expect(await outcome(waiting, pool.clock)).toMatchObject({ key: 'k' });
  });

  it('does not grow for who left before an engine could be made', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
    const leaving = new AbortController();
    const waiting = pool.orchestrator.acquire('k', { signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(waiting).rejects.toThrow('left');
    await pool.clock.advance(60_000);
    expect(pool.runtime.calls).toEqual([]);
  });

  it('does not grow for who gets the slot of a lingering session', async () => {
    const held: Lease[] = [];
    const pool = await startPool({
      ...two,
      maxReplicas: 6,
      minReplicas: 2,
      maxLeasesPerEngine: 1,
      reclaim: () => {
        const lease = held.shift();
        setImmediate(() => void lease?.release());
        return lease !== undefined;
      },
    });
    pool.runtime.hang('create', true);
    for (const key of ['lingering', 'lingering as well']) held.push(await pool.orchestrator.acquire(key));
    const leases = await hold(pool, 2);
    expect(leases.map(({ key }) => key)).toEqual(['k0', 'k1']);
    // The minimum, and one to look ahead of the engines that are full; none for those who waited.
    expect(pool.runtime.calls.filter(({ operation }) => operation === 'create')).toHaveLength(3);
  });

  it('follows new settings at once, and an impossible one changes nothing', async () => {
    const pool = await startPool();
    const before = pool.orchestrator.settings;
    expect(() => pool.orchestrator.configure({ minReplicas: 9, idleGraceMs: 5 })).toThrow(
      /minReplicas \(9\).*maxReplicas \(6\)/,
    );
    expect(() => pool.orchestrator.configure({ maxReplicas: -1 })).toThrow(RangeError);
    expect(() => pool.orchestrator.configure({ mode: 'never' as 'auto' })).toThrow(RangeError);
    expect(pool.orchestrator.settings).toBe(before);
    pool.orchestrator.configure({ minReplicas: 3 });
    await pool.clock.advance(3_000);
    expect(pool.ids()).toHaveLength(3);
    pool.orchestrator.configure({ minReplicas: 0, freeReplicas: 0, idleGraceMs: 0 });
    await pool.clock.advance(3_000);
    expect(pool.ids()).toHaveLength(0);
  });
});

describe('an engine', () => {
  it('with a slot that was reserved at the last moment is not removed', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, maxReplicas: 1, idleGraceMs: 10_000 });
    const [first] = await hold(pool, 1);
    await first?.release();
    await pool.clock.advance(9_999);
    const again = await pool.orchestrator.acquire('late');
    await pool.clock.advance(60_000);
    expect(again.signal.aborted).toBe(false);
    expect(pool.runtime.calls.filter(({ operation }) => operation === 'remove')).toEqual([]);
    await again.release();
    await pool.clock.advance(9_000);
    pool.runtime.hang('stop', true);
    await pool.clock.advance(1_500);
    // It is being removed now, and takes nothing any more.
    const next = pool.orchestrator.acquire('later');
    expect(await outcome(next, pool.clock)).toBe('pending');
    pool.runtime.hang('stop', false);
    await pool.clock.advance(3_000);
    const lease = await next;
    expect(pool.ids()).toEqual([lease.engine.id]);
  });

  it('gets nothing before it answers, however long it runs', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
    pool.probe.set('made-1', 'fail');
    const waiting = pool.orchestrator.acquire('k', { timeoutMs: 60_000 });
    await pool.clock.advance(5_000);
    expect(pool.orchestrator.engines()).toMatchObject([{ running: true, ready: false }]);
    expect(await outcome(waiting, pool.clock)).toBe('pending');
    pool.probe.set('made-1', 'ok');
    await pool.clock.advance(2_000);
    expect((await waiting).engine.id).toBe('made-1');
    expect(pool.told.filter((hook) => hook === 'engineReady')).toHaveLength(1);
  });

  it('whose process ends is removed, and another one takes its place', async () => {
    const pool = await startPool();
    const [before] = pool.ids();
    pool.runtime.crash(before ?? '');
    await pool.clock.advance(3_000);
    expect(pool.ids()).toHaveLength(1);
    expect(pool.ids()).not.toContain(before);
  });
});

describe('manual mode', () => {
  it('keeps the number as it is, but for what is asked for', async () => {
    const pool = await startPool({ mode: 'manual', minReplicas: 3 }, ['a', 'b']);
    await hold(pool, 6);
    await pool.clock.advance(60_000);
    expect(pool.ids()).toEqual(['a', 'b']);
    const { id } = await soon(pool, pool.orchestrator.provision());
    await pool.clock.advance(120_000);
    expect(pool.ids()).toEqual(['a', 'b', id]);
    pool.orchestrator.scale(4);
    await pool.clock.advance(5_000);
    expect(pool.ids()).toHaveLength(4);
    const removed = pool.orchestrator.remove(id);
    await pool.clock.advance(60_000);
    expect(await removed).toBe(true);
    await pool.clock.advance(60_000);
    expect(pool.ids()).toHaveLength(3);
    expect(pool.ids()).not.toContain(id);
  });
});

describe('manual mode at the start', () => {
  it('keeps what there is, also when somebody looks before the engines were listed', async () => {
    const runtime = fakeRuntime(['a', 'b'], { canProvision: true });
    const clock = fakeClock();
    const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock, mode: 'manual', idleGraceMs: 0 });
    runtime.hang('list', true);
    const started = orchestrator.start();
    await clock.advance(1_000);
    expect(orchestrator.provisioning().desired).toBe(0);
    runtime.hang('list', false);
    await clock.advance(120_000);
    await started;
    expect(orchestrator.engines().map(({ id }) => id)).toEqual(['a', 'b']);
    expect(orchestrator.provisioning().desired).toBe(2);
  });

  it('keeps what was asked for, also when an engine that was asked for before then fails', async () => {
    const pool = await startPool({ mode: 'manual' }, ['a']);
    pool.runtime.hang('create', true);
    const asked = pool.orchestrator.provision();
    asked.catch(() => {});
    await pool.clock.advance(100);
    pool.orchestrator.scale(1);
    pool.runtime.fail('create', new Error('no space left'));
    pool.runtime.hang('create', false);
    await pool.clock.advance(120_000);
    await expect(asked).rejects.toMatchObject({ code: 'provisioning_blocked' });
    expect(pool.ids()).toEqual(['a']);
  });
});

describe('what is asked for', () => {
  it('an engine: resolves when it exists, is refused at the maximum', async () => {
    const pool = await startPool({ maxReplicas: 2, freeReplicas: 0 });
    const { id } = await soon(pool, pool.orchestrator.provision({ labels: { x: '1' } }));
    expect(pool.runtime.has(id)).toBe(true);
    expect(pool.orchestrator.engines().at(-1)).toMatchObject({ id, running: true, labels: { x: '1' } });
    await expect(soon(pool, pool.orchestrator.provision())).rejects.toMatchObject({
      code: 'provisioning_blocked',
      blocked: { code: 'max_capacity', canRetry: true, recoveryEtaSeconds: 10 },
    });
    pool.runtime.fail('create', new Error('no image'));
    await soon(pool, pool.orchestrator.remove(id));
    await expect(soon(pool, pool.orchestrator.provision())).rejects.toMatchObject({
      code: 'provisioning_blocked',
      blocked: { code: 'general_error', message: 'no image' },
    });
  });

  it('a number: at least so many, until the settings change', async () => {
    const pool = await startPool({ idleGraceMs: 1_000 });
    expect(pool.orchestrator.scale(3)).toBe(3);
    expect(pool.orchestrator.scale(99)).toBe(6);
    pool.orchestrator.scale(3);
    await pool.clock.advance(30_000);
    expect(pool.ids()).toHaveLength(3);
    pool.orchestrator.configure({});
    await pool.clock.advance(3_000);
    expect(pool.ids()).toHaveLength(1);
  });

  it('that idle engines go now', async () => {
    const pool = await startPool();
    const [lease] = await hold(pool, 1);
    await lease?.release();
    const removed = pool.orchestrator.collectIdle();
    expect(removed).toHaveLength(1);
    await pool.clock.advance(1_000);
    expect(pool.ids()).toHaveLength(1);
    expect(pool.orchestrator.collectIdle()).toEqual([]);
  });

  it('that an engine goes: its leases are told to move, and are cut off when they do not', async () => {
    const pool = await startPool({ ...two, drainTimeoutMs: 10_000 });
    const [moves, stays] = await hold(pool, 2);
    const id = moves?.engine.id ?? '';
    const removed = pool.orchestrator.remove(id);
    expect(moves?.signal.reason).toMatchObject({ code: 'engine_draining' });
    await moves?.release();
    await pool.clock.advance(9_000);
    expect(pool.runtime.has(id)).toBe(true);
    await pool.clock.advance(5_000);
    expect(await removed).toBe(true);
    expect(pool.runtime.has(id)).toBe(false);
    await stays?.release();
    expect(pool.orchestrator.engines().every(({ leases }) => leases === 0)).toBe(true);
    expect(await pool.orchestrator.remove('unknown')).toBe(false);
  });

  it('that an engine is restarted: it is emptied, and takes leases again afterwards', async () => {
    const pool = await startPool({ freeReplicas: 0 });
    const [lease] = await hold(pool, 1);
    const id = lease?.engine.id ?? '';
    const restarted = pool.orchestrator.restart(id);
    expect(lease?.signal.reason).toMatchObject({ code: 'engine_draining' });
    await pool.clock.advance(3_000);
    expect(await restarted).toBe(true);
    expect(pool.orchestrator.engines()).toMatchObject([{ id, ready: true, draining: false, leases: 0 }]);
    expect(await pool.orchestrator.restart('unknown')).toBe(false);
  });

  it('that an engine goes while it is restarted: it takes nothing in between', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, maxReplicas: 1 }, ['a']);
    const held = await pool.orchestrator.acquire('held');
    pool.runtime.hang('stop', true);
    const restarted = pool.orchestrator.restart('a');
    const removed = pool.orchestrator.remove('a');
    expect(pool.orchestrator.resume('a')).toBe(false);
    pool.runtime.hang('stop', false);
    const asked = pool.orchestrator.acquire('k');
    await pool.clock.advance(5_000);
    expect(await restarted).toBe(true);
    await held.release();
    await pool.clock.advance(5_000);
    expect(await removed).toBe(true);
    expect((await asked).engine.id).not.toBe('a');
  });

  it('that an engine is set aside while it is restarted: it stays so until somebody resumes it', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 }, ['a']);
    const restarted = pool.orchestrator.restart('a');
    expect(pool.orchestrator.drain('a')).toBe(true);
    expect(pool.orchestrator.resume('a')).toBe(false);
    await pool.clock.advance(5_000);
    expect(await restarted).toBe(true);
    expect(pool.orchestrator.engines()).toMatchObject([{ id: 'a', draining: true, ready: false }]);
    await pool.clock.advance(600_000);
    expect(pool.ids()).toEqual(['a']);
    expect(pool.orchestrator.resume('a')).toBe(true);
    expect(pool.orchestrator.engines()).toMatchObject([{ id: 'a', draining: false, ready: true }]);
  });
});
