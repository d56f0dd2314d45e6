import { describe, expect, it } from 'vitest';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import { fakeClock, fakeProbe, fakeRuntime } from '../src/testing.ts';
import { outcome } from './support/start-orchestrator.ts';
import { type Pool, startPool } from './support/start-pool.ts';

const created = (pool: Pool): number => pool.runtime.calls.filter(({ operation }) => operation === 'create').length;

async function startBroken(error: Error = new Error('no space left'), options = {}): Promise<Pool> {
  const pool = await startPool({ minReplicas: 0, freeReplicas: 0, ...options });
  pool.runtime.fail('create', error);
  pool.orchestrator.configure({ minReplicas: 1 });
  return pool;
}

describe('engines that cannot be made', () => {
  it('open the breaker after five failures; one trial is let through after five minutes, and success closes it', async () => {
    const changes: string[] = [];
    const pool = await startBroken(new Error('no space left'), {
      on: {
        breakerChange: ({ breaker, from, to }: Record<string, string>) => changes.push(`${breaker} ${from} ${to}`),
      },
    });
    await pool.clock.advance(60_000);
    expect(created(pool)).toBe(5);
    expect(pool.orchestrator.provisioning()).toMatchObject({
      canProvision: false,
      blocked: { code: 'circuit_breaker', canRetry: true, shouldWait: false },
      breakers: {
        general: { state: 'open', failures: 5, lastFailure: 'no space left' },
        replacement: { state: 'closed' },
      },
      lastFailure: { message: 'no space left' },
    });
    const eta = pool.orchestrator.provisioning().blocked?.recoveryEtaSeconds ?? 0;
    await pool.clock.advance((eta - 1) * 1_000);
    expect(created(pool)).toBe(5);
    await pool.clock.advance(2_000);
    // The trial failed as well.
    expect(created(pool)).toBe(6);
    expect(pool.orchestrator.provisioning().breakers.general.state).toBe('open');
    pool.runtime.fail('create', undefined);
    await pool.clock.advance(310_000);
    expect(pool.ids()).toHaveLength(1);
    expect(pool.orchestrator.provisioning()).toMatchObject({
      canProvision: true,
      breakers: { general: { state: 'closed' } },
    });
    expect(changes).toEqual([
      'general closed open',
      'general open half-open',
      'general half-open open',
      'general open half-open',
      'general half-open closed',
    ]);
  });

  it('are tried again at once after a reset by hand', async () => {
    const pool = await startBroken();
    await pool.clock.advance(60_000);
    pool.runtime.fail('create', undefined);
    pool.orchestrator.resetBreakers('general');
    await pool.clock.advance(2_000);
    expect(pool.ids()).toHaveLength(1);
  });

  it('give the trial to the next one when the engine of the first is removed before it answers', async () => {
    const pool = await startBroken();
    await pool.clock.advance(60_000);
    pool.runtime.fail('create', undefined);
    pool.probe.set('made-1', 'fail');
    await pool.clock.advance(301_000);
    expect(pool.orchestrator.engines()).toMatchObject([{ id: 'made-1', ready: false }]);
    expect(pool.orchestrator.provisioning().breakers.general.state).toBe('half-open');
    pool.orchestrator.remove('made-1').catch(() => {});
    await pool.clock.advance(5_000);
    expect(pool.orchestrator.engines()).toMatchObject([{ ready: true }]);
    expect(pool.orchestrator.provisioning().breakers.general.state).toBe('closed');
  });

  it('are not tried again until something changes when that can only fail again', async () => {
    const pool = await startBroken(Object.assign(new Error('wrong processor'), { retryable: false }));
    await pool.clock.advance(60_000);
    expect(created(pool)).toBe(1);
    expect(pool.orchestrator.provisioning().blocked).toMatchObject({ code: 'circuit_breaker', canRetry: false });
    await expect(pool.orchestrator.acquire('k')).rejects.toMatchObject({
      code: 'no_engines',
      blocked: { canRetry: false },
    });
    pool.runtime.fail('create', undefined);
    pool.orchestrator.configure();
    await pool.clock.advance(2_000);
    expect(pool.ids()).toHaveLength(1);
  });

  it('say that the VPN is to blame when the runtime says so', async () => {
    const pool = await startBroken(Object.assign(new Error('gluetun is down'), { blocks: 'vpn_disconnected' }));
    await pool.clock.advance(3_000);
    expect(pool.orchestrator.provisioning().blocked).toMatchObject({
      code: 'vpn_disconnected',
      message: 'gluetun is down',
      shouldWait: true,
    });
    await expect(pool.orchestrator.provision()).rejects.toMatchObject({ blocked: { code: 'vpn_disconnected' } });
  });

  it('open no breaker while the VPN is away, however long, and are tried at once when that changes', async () => {
    const pool = await startBroken(Object.assign(new Error('gluetun is down'), { blocks: 'vpn_disconnected' }));
    await pool.clock.advance(600_000);
    const { breakers } = pool.orchestrator.provisioning();
    expect([breakers.general.state, breakers.replacement.state]).toEqual(['closed', 'closed']);
    // Just after a try: the next one would be half a minute away.
    for (const tries = created(pool); created(pool) === tries; ) await pool.clock.advance(1_000);
    pool.runtime.fail('create', undefined);
    pool.runtime.networkChanged();
    await pool.clock.advance(200);
    expect(pool.orchestrator.engines()).toMatchObject([{ ready: true }]);
    expect(pool.orchestrator.provisioning().blocked).toBeUndefined();
  });

  it('are tried at once when events were missed that may have told of the VPN', async () => {
    const pool = await startBroken(Object.assign(new Error('gluetun is down'), { blocks: 'vpn_disconnected' }));
    await pool.clock.advance(300_000);
    for (const tries = created(pool); created(pool) === tries; ) await pool.clock.advance(1_000);
    pool.runtime.fail('create', undefined);
    pool.runtime.endEvents();
    await pool.clock.advance(2_000);
    expect(pool.orchestrator.engines()).toMatchObject([{ ready: true }]);
  });

  it('refuse who waits with the time at which it may be different', async () => {
    const pool = await startBroken();
    const waiting = pool.orchestrator.acquire('k', { timeoutMs: 50_000 });
    waiting.catch(() => {});
    await pool.clock.advance(60_000);
    await expect(waiting).rejects.toMatchObject({ code: 'no_engines', blocked: { code: 'circuit_breaker' } });
    const error = await waiting.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ recoveryEtaSeconds: expect.any(Number) });
  });
});

describe('an engine that is made and does not work', () => {
  it('counts as a failure when it ends before it is ready, and is removed', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
    const waiting = pool.orchestrator.acquire('k', { timeoutMs: 30_000 });
    waiting.catch(() => {});
    for (let at = 1; at < 60; at += 1) pool.probe.set(`made-${at}`, 'fail');
    for (let second = 0; second < 40; second += 1) {
      await pool.clock.advance(1_000);
      for (const { id, running } of pool.orchestrator.engines()) if (running) pool.runtime.crash(id);
    }
    expect(created(pool)).toBe(5);
    expect(pool.ids()).toEqual([]);
    expect(pool.orchestrator.provisioning()).toMatchObject({ breakers: { general: { state: 'open' } } });
    expect(pool.orchestrator.provisioning().lastFailure?.message).toMatch(/ended before it was ready/);
  });

  it('counts as a failure when it does not become ready in time, and is removed', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, startTimeoutMs: 10_000, breakerFailures: 1 });
    pool.probe.set('made-1', 'hang');
    pool.orchestrator.acquire('k', { timeoutMs: 5_000 }).catch(() => {});
    await pool.clock.advance(20_000);
    expect(pool.ids()).toEqual([]);
    expect(pool.orchestrator.provisioning().lastFailure?.message).toMatch(/not ready within 10000 ms/);
    expect(pool.orchestrator.provisioning().breakers.general.state).toBe('open');
  });

  it('counts for nothing when somebody removes it before it is ready', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, mode: 'manual' });
    pool.probe.set('made-1', 'fail');
    pool.orchestrator.provision().catch(() => {});
    await pool.clock.advance(2_000);
    const removed = pool.orchestrator.remove('made-1');
    await pool.clock.advance(5_000);
    expect(await removed).toBe(true);
    expect(pool.told).not.toContain('provisionFailed');
    expect(pool.orchestrator.provisioning()).toMatchObject({ canProvision: true, lastFailure: undefined });
  });

  it('is looked at before it is removed, and what the runtime finds is the reason', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, startTimeoutMs: 10_000, breakerFailures: 1 });
    const looks: [id: string, existed: boolean][] = [];
    pool.runtime.diagnose = async (id) => {
      looks.push([id, pool.runtime.has(id)]);
      return new Error('its log ends with: no licence');
    };
    pool.probe.set('made-1', 'hang');
    pool.orchestrator.acquire('k', { timeoutMs: 5_000 }).catch(() => {});
    await pool.clock.advance(20_000);
    expect(looks).toEqual([['made-1', true]]);
    expect(pool.ids()).toEqual([]);
    expect(pool.orchestrator.provisioning().lastFailure?.message).toBe('its log ends with: no licence');
    expect(pool.orchestrator.provisioning().breakers.general.state).toBe('open');
  });

  it('is removed all the same when the runtime cannot look at it', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, startTimeoutMs: 10_000, breakerFailures: 1 });
    pool.runtime.diagnose = () => new Promise(() => {});
    pool.probe.set('made-1', 'hang');
    pool.orchestrator.acquire('k', { timeoutMs: 5_000 }).catch(() => {});
    await pool.clock.advance(12_000);
    expect(pool.ids()).toEqual(['made-1']);
    await pool.clock.advance(10_000);
    expect(pool.ids()).toEqual([]);
    expect(pool.orchestrator.provisioning().lastFailure?.message).toMatch(/not ready within 10000 ms/);
    await pool.orchestrator.close();
    expect(pool.clock.pendingTimers).toBe(0);
  });

  it('leaves nothing behind when it cannot be started', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, breakerFailures: 1 });
    pool.runtime.fail('start', new Error('port is taken'));
    pool.orchestrator.configure({ minReplicas: 1 });
    await pool.clock.advance(10_000);
    expect(pool.ids()).toEqual([]);
    expect(pool.orchestrator.provisioning().lastFailure?.message).toBe('port is taken');
  });
});

describe('making an engine', () => {
  it('may take as long as it shows progress, which can be read; without it is given up', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, startTimeoutMs: 10_000 });
    let report: (message: string) => void = () => {};
    const create = pool.runtime.create.bind(pool.runtime);
    pool.runtime.create = async (request, options) => {
      report = (message) => options.onProgress?.({ message, bytes: 1, totalBytes: 2 });
      return create(request, options);
    };
    pool.runtime.hang('create', true);
    pool.orchestrator.configure({ minReplicas: 1 });
    for (let second = 0; second < 60; second += 5) {
      await pool.clock.advance(5_000);
      report(`layer ${second}`);
    }
    expect(pool.orchestrator.provisioning().jobs).toMatchObject([
      { purpose: 'scale', engineId: undefined, progress: { message: 'layer 55', bytes: 1, totalBytes: 2 } },
    ]);
    expect(pool.told.filter((hook) => hook === 'provisionProgress')).toHaveLength(12);
    await pool.clock.advance(11_000);
    expect(pool.orchestrator.provisioning().lastFailure?.message).toMatch(/no progress for 10000 ms/);
    await pool.orchestrator.close();
    expect(pool.clock.pendingTimers).toBe(0);
  });

  it('is not counted twice when a listing shows the engine before the call has returned', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, maxReplicas: 1 });
    pool.runtime.hang('start', true);
    pool.orchestrator.configure({ minReplicas: 1 });
    await pool.clock.advance(5_000);
    expect(pool.ids()).toHaveLength(1);
    expect(created(pool)).toBe(1);
    pool.runtime.hang('start', false);
    await pool.clock.advance(2_000);
    expect(pool.ids()).toHaveLength(1);
    expect(created(pool)).toBe(1);
    expect(pool.runtime.calls.map(({ operation }) => operation)).toEqual(['create', 'start']);
  });
});

describe('while an engine takes long to make', () => {
  it('one that ends meanwhile is removed, its place is filled, and there are never more than may be', async () => {
    const pool = await startPool({ minReplicas: 1, maxReplicas: 2, freeReplicas: 0 }, ['a']);
    pool.runtime.hang('create', true);
    pool.orchestrator.configure({ minReplicas: 2 });
    await pool.clock.advance(2_000);
    expect(pool.orchestrator.provisioning().jobs).toHaveLength(1);
    pool.runtime.crash('a');
    await pool.clock.advance(5_000);
    expect(pool.ids()).toEqual([]);
    expect(pool.orchestrator.provisioning().jobs).toHaveLength(2);
    pool.runtime.hang('create', false);
    await pool.clock.advance(5_000);
    expect(pool.ids()).toHaveLength(2);
    expect(pool.runtime.most).toBe(2);
  });

  it('one that was made in the meantime counts as well', async () => {
    const pool = await startPool({ minReplicas: 0, maxReplicas: 6, freeReplicas: 0 });
    const { create } = pool.runtime;
    let made = 0;
    pool.runtime.create = (request, options) => (++made === 1 ? new Promise(() => {}) : create(request, options));
    pool.orchestrator.configure({ minReplicas: 2 });
    await pool.clock.advance(10_000);
    expect([made, pool.ids().length, pool.orchestrator.provisioning().jobs.length]).toEqual([2, 1, 1]);
  });

  it('it counts once, also when a listing shows it running before the call says which one it is', async () => {
    const pool = await startPool({ minReplicas: 1, maxReplicas: 3, freeReplicas: 0 }, ['a']);
    pool.runtime.hang('create', true);
    pool.orchestrator.configure({ minReplicas: 2 });
    await pool.clock.advance(500);
    pool.runtime.add({ id: 'early' });
    await pool.clock.advance(500);
    // As many as wanted: 'a', and the one that is being made.
    pool.orchestrator.configure({ minReplicas: 3 });
    await pool.clock.advance(500);
    expect(pool.orchestrator.provisioning().jobs).toHaveLength(2);
    expect(pool.ids()).toEqual(['a', 'early']);
  });
});

describe('a runtime that cannot be reached', () => {
  const down = Object.assign(new Error('cannot connect'), { unavailable: true });

  it('loses no engine and ends no lease; nothing is made meanwhile, and all goes on when it is back', async () => {
    const pool = await startPool({ freeReplicas: 0 }, ['a']);
    const lease = await pool.orchestrator.acquire('k');
    for (const operation of ['list', 'create', 'stop', 'remove'] as const) pool.runtime.fail(operation, down);
    pool.runtime.endEvents();
    await pool.clock.advance(60_000);
    expect(pool.orchestrator.provisioning()).toMatchObject({
      canProvision: false,
      runtimeFailure: 'cannot connect',
      blocked: { code: 'general_error', canRetry: true },
    });
    pool.orchestrator.configure({ minReplicas: 2 });
    await pool.clock.advance(600_000);
    expect(created(pool)).toBe(0);
    expect(pool.ids()).toEqual(['a']);
    expect(lease.signal.aborted).toBe(false);
    for (const operation of ['list', 'create', 'stop', 'remove'] as const) pool.runtime.fail(operation, undefined);
    await pool.clock.advance(40_000);
    expect(pool.ids()).toHaveLength(2);
    expect(lease.signal.aborted).toBe(false);
    expect(pool.orchestrator.provisioning()).toMatchObject({ canProvision: true, runtimeFailure: undefined });
    expect(pool.told).toContain('runtimeRecovered');
  });

  it('before somebody changes something refuses who waits at once, with the reason, and plays as soon as it can be', async () => {
    const forbidden = Object.assign(new Error('the socket cannot be opened'), { unavailable: true, retryable: false });
    const clock = fakeClock();
    const runtime = fakeRuntime([], { canProvision: true });
    runtime.fail('list', forbidden);
    const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock });
    const early = orchestrator.acquire('early');
    await orchestrator.start();
    const refused = {
      code: 'no_engines',
      message: expect.stringContaining('the socket cannot be opened'),
      recoveryEtaSeconds: 30,
      blocked: { canRetry: false, shouldWait: false },
    };
    expect(await outcome(early, clock)).toMatchObject({ rejected: refused });
    expect(await outcome(orchestrator.acquire('late'), clock)).toMatchObject({ rejected: refused });
    runtime.fail('list', undefined);
    await clock.advance(40_000);
    expect(await outcome(orchestrator.acquire('later'), clock)).toMatchObject({ engine: { id: 'made-1' } });
    await orchestrator.close();
  });

  it('keeps who waits before the first listing, whatever cannot be made: there may be engines', async () => {
    const clock = fakeClock();
    const runtime = fakeRuntime(['a'], { canProvision: true });
    runtime.hang('list', true);
    runtime.fail('create', new Error('no space left'));
    const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock, breakerFailures: 1 });
    const started = orchestrator.start();
    await outcome(orchestrator.provision(), clock);
    expect(orchestrator.provisioning().blocked).toMatchObject({ code: 'circuit_breaker', shouldWait: false });
    const waiting = orchestrator.acquire('k');
    expect(await outcome(waiting, clock)).toBe('pending');
    runtime.hang('list', false);
    await started;
    expect(await outcome(waiting, clock)).toMatchObject({ engine: { id: 'a' } });
    await orchestrator.close();
  });

  it('for a while keeps who waits, since it may be back any moment', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
    pool.runtime.fail('list', down);
    pool.runtime.endEvents();
    await pool.clock.advance(5_000);
    const waiting = pool.orchestrator.acquire('k', { timeoutMs: 60_000 });
    expect(await outcome(waiting, pool.clock)).toBe('pending');
    pool.runtime.fail('list', undefined);
    await pool.clock.advance(31_000);
    expect(await outcome(waiting, pool.clock)).toMatchObject({ key: 'k' });
  });

  it('keeps whoever made an engine waiting until it is listed', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, mode: 'manual' });
    pool.runtime.hang('start', true);
    const asked = pool.orchestrator.provision();
    await pool.clock.advance(1_000);
    pool.runtime.fail('list', down);
    pool.runtime.hang('start', false);
    expect(await outcome(asked, pool.clock)).toBe('pending');
    await pool.clock.advance(10_000);
    pool.runtime.fail('list', undefined);
    await pool.clock.advance(30_000);
    expect(await outcome(asked, pool.clock)).toMatchObject({ id: 'made-1' });
    expect(pool.orchestrator.engines()).toMatchObject([{ id: 'made-1', ready: true }]);
  });

  it('leaves nobody able to say what is idle', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0 }, ['a']);
    pool.runtime.fail('list', down);
    pool.runtime.change('a', { name: 'another' });
    await pool.clock.advance(500);
    expect(pool.orchestrator.collectIdle()).toEqual([]);
    pool.runtime.fail('list', undefined);
    await pool.clock.advance(5_000);
    expect(pool.orchestrator.collectIdle()).toEqual(['a']);
  });

  it('is no reason to open the breaker', async () => {
    const pool = await startBroken(down);
    await pool.clock.advance(300_000);
    expect(created(pool)).toBeGreaterThan(5);
    expect(pool.orchestrator.provisioning().breakers.general.state).toBe('closed');
    pool.runtime.fail('create', undefined);
    await pool.clock.advance(31_000);
    expect(pool.ids()).toHaveLength(1);
  });
});

describe('an engine that cannot be removed', () => {
  it('takes nothing, and is tried again with growing pauses', async () => {
    const pool = await startPool({ minReplicas: 0, freeReplicas: 0, maxReplicas: 1, idleGraceMs: 0 });
    pool.runtime.fail('remove', new Error('device is busy'));
    const lease = await (async () => {
      const asked = pool.orchestrator.acquire('k');
      await pool.clock.advance(2_000);
      return asked;
    })();
    await lease.release();
    await pool.clock.advance(60_000);
    const tries = pool.runtime.calls.filter(({ operation }) => operation === 'remove').length;
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(10);
    expect(pool.told).toContain('removeFailed');
    const waiting = pool.orchestrator.acquire('k', { timeoutMs: 60_000 });
    expect(await outcome(waiting, pool.clock)).toBe('pending');
    pool.runtime.fail('remove', undefined);
    await pool.clock.advance(40_000);
    expect(await outcome(waiting, pool.clock)).toMatchObject({ key: 'k' });
    expect(pool.runtime.most).toBe(1);
  });
});

it('an engine that could not even be stopped serves again when it is needed, and no other is made', async () => {
  const pool = await startPool({ minReplicas: 0, freeReplicas: 0, maxReplicas: 1 }, ['a']);
  for (const operation of ['stop', 'remove'] as const) pool.runtime.fail(operation, new Error('daemon is busy'));
  pool.orchestrator.collectIdle();
  await pool.clock.advance(500);
  expect(pool.orchestrator.engines()).toMatchObject([{ id: 'a', running: true, ready: false }]);
  pool.orchestrator.configure({ minReplicas: 1 });
  await pool.clock.advance(60_000);
  expect(pool.orchestrator.engines()).toMatchObject([{ id: 'a', ready: true }]);
  expect(created(pool)).toBe(0);
});

it('whoever waits for an engine of one’s own when the end comes hears that it is closed', async () => {
  const pool = await startPool({ minReplicas: 0, freeReplicas: 0 });
  pool.runtime.hang('create', true);
  const asked = pool.orchestrator.provision();
  asked.catch(() => {});
  await pool.clock.advance(100);
  await pool.orchestrator.close();
  await expect(asked).rejects.toMatchObject({ code: 'closed', retryable: false });
});

it('closing while engines are made, removed and waited for leaves no timer', async () => {
  const pool = await startPool({ minReplicas: 3, freeReplicas: 1 }, ['a']);
  pool.runtime.hang('create', true);
  pool.runtime.hang('stop', true);
  void pool.orchestrator.remove('a');
  pool.orchestrator.provision().catch(() => {});
  pool.orchestrator.acquire('k').catch(() => {});
  await pool.clock.advance(1_000);
  await pool.orchestrator.close();
  expect(pool.clock.pendingTimers).toBe(0);
  expect(pool.runtime.openEventStreams).toBe(0);
});
