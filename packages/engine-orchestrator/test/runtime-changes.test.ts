import { afterEach, describe, expect, it, vi } from 'vitest';
import { EngineOrchestrator } from '../src/orchestrator.ts';
import type { EngineRuntime } from '../src/runtime/engine-runtime.ts';
import { staticRuntime } from '../src/runtime/static-runtime.ts';
import { fakeClock } from '../src/testing/fake-clock.ts';
import { fakeProbe } from '../src/testing/fake-probe.ts';
import { fakeRuntime } from '../src/testing/fake-runtime.ts';
import { outcome, startOrchestrator } from './support/start-orchestrator.ts';

afterEach(() => vi.restoreAllMocks());

function ids(orchestrator: EngineOrchestrator): string[] {
  return orchestrator.engines().map(({ id }) => id);
}

describe('starting', () => {
  it('succeeds when every engine is down, after probing all of them at the same time', async () => {
    const clock = fakeClock();
    const probe = fakeProbe();
    for (const id of ['a', 'b', 'c']) probe.set(id, 'hang');
    const orchestrator = new EngineOrchestrator({ runtime: fakeRuntime(['a', 'b', 'c']), probe, clock });
    const started = orchestrator.start();
    expect(await outcome(started, clock)).toBe('pending');
    expect(probe.calls).toEqual(['a', 'b', 'c']);
    await clock.advance(5_000);
    await started;
    expect(orchestrator.engines().map(({ health }) => health)).toEqual(['unknown', 'unknown', 'unknown']);
  });

  it('succeeds when the runtime is down, and finds the engines once it is up', async () => {
    const clock = fakeClock();
    const runtime = fakeRuntime(['a']);
    const failures: unknown[] = [];
    runtime.fail('list', new Error('daemon is down'));
    const orchestrator = new EngineOrchestrator({
      runtime,
      probe: fakeProbe(),
      clock,
      on: { runtimeFailed: (event) => failures.push(event) },
    });
    await orchestrator.start();
    expect(failures).toEqual([{ operation: 'list', error: new Error('daemon is down') }]);
    const waiting = orchestrator.acquire('k');
    expect(await outcome(waiting, clock)).toBe('pending');
    runtime.fail('list', undefined);
    await clock.advance(1_000);
    expect(await outcome(waiting, clock)).toMatchObject({ engine: { id: 'a' } });
  });

  it('does not wait for ever for a runtime that hangs', async () => {
    const clock = fakeClock();
    const runtime: EngineRuntime = { kind: 'stuck', canProvision: false, list: () => new Promise(() => {}) };
    const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock });
    const started = orchestrator.start();
    await clock.advance(15_000);
    await started;
    await orchestrator.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('stops when its signal aborts', async () => {
    const clock = fakeClock();
    const probe = fakeProbe();
    probe.set('a', 'hang');
    const leaving = new AbortController();
    const orchestrator = new EngineOrchestrator({ runtime: fakeRuntime(['a']), probe, clock });
    const started = orchestrator.start({ signal: leaving.signal });
    expect(await outcome(started, clock)).toBe('pending');
    leaving.abort(new Error('changed my mind'));
    await expect(started).rejects.toThrow('changed my mind');
    await orchestrator.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('serves those who asked before it', async () => {
    const clock = fakeClock();
    const orchestrator = new EngineOrchestrator({ runtime: fakeRuntime(['a']), probe: fakeProbe(), clock });
    const waiting = orchestrator.acquire('k');
    await orchestrator.start();
    expect((await waiting).engine.id).toBe('a');
  });

  it('refuses at once when there is no engine and none can appear', async () => {
    const clock = fakeClock();
    const probe = fakeProbe();
    const none = new EngineOrchestrator({ runtime: staticRuntime([]), probe, clock });
    const early = none.acquire('k');
    expect(await outcome(early, clock)).toBe('pending');
    await none.start();
    await expect(early).rejects.toMatchObject({ code: 'no_engines', recoveryEtaSeconds: undefined });
    await expect(none.acquire('k')).rejects.toMatchObject({ code: 'no_engines' });

    const one = new EngineOrchestrator({ runtime: staticRuntime(['http://e:1']), probe, clock });
    await one.start();
    await expect(one.acquire('k', { exclude: ['e:1'] })).rejects.toMatchObject({ code: 'no_engines' });
  });
});

describe('a set of engines that changes', () => {
  it('is followed through events', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a']);
    runtime.add({ id: 'b' });
    await clock.advance(100);
    expect(ids(orchestrator)).toEqual(['a', 'b']);
    runtime.vanish('a');
    await clock.advance(100);
    expect(ids(orchestrator)).toEqual(['b']);
  });

  it('is listed again after an event stream broke, and the stream is opened again', async () => {
    const failures: unknown[] = [];
    const { orchestrator, runtime, clock } = await startOrchestrator(['a'], {
      on: { runtimeFailed: ({ operation }) => failures.push(operation) },
    });
    runtime.endEvents();
    await clock.advance(0);
    expect([failures, runtime.openEventStreams]).toEqual([['events'], 0]);
    runtime.add({ id: 'missed' });
    await clock.advance(100);
    expect(ids(orchestrator)).toEqual(['a']);
    await clock.advance(1_000);
    expect(ids(orchestrator)).toEqual(['a', 'missed']);
    expect(runtime.openEventStreams).toBe(1);
  });

  it('is listed again from time to time, in case an event was lost: slower while nobody plays', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a']);
    expect(runtime.listings).toBe(1);
    await clock.advance(240_000);
    expect(runtime.listings).toBe(3);
    await orchestrator.acquire('k');
    await clock.advance(120_000);
    expect(runtime.listings).toBe(7);
  });

  it('is not listed again while there is no engine, until an event comes', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator([]);
    await clock.advance(3_600_000);
    expect(runtime.listings).toBe(1);
    runtime.add({ id: 'a' });
    await clock.advance(100);
    expect(ids(orchestrator)).toEqual(['a']);
    runtime.vanish('a');
    await clock.advance(3_600_000);
    expect(runtime.listings).toBe(3);
  });

  it('is listed twice, and not a hundred times, for a hundred events at once', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a']);
    await clock.advance(1_000);
    for (let count = 0; count < 100; count += 1) runtime.add({ id: `e${count}` });
    await clock.advance(1_000);
    expect(orchestrator.engines()).toHaveLength(101);
    expect(runtime.listings).toBeLessThanOrEqual(3);
  });

  it('is listed again for an event that comes while it is listed', async () => {
    const clock = fakeClock();
    const fake = fakeRuntime(['a']);
    let answer: () => void = () => {};
    const runtime: EngineRuntime = {
      ...fake,
      async list(options) {
        const engines = await fake.list(options);
        await new Promise<void>((resolve) => {
          answer = resolve;
        });
        return engines;
      },
    };
    const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock });
    const started = orchestrator.start();
    await clock.advance(5_000);
    fake.add({ id: 'b' });
    await clock.advance(5_000);
    answer();
    await started;
    expect(ids(orchestrator)).toEqual(['a']);
    await clock.advance(0);
    answer();
    await clock.advance(0);
    expect(ids(orchestrator)).toEqual(['a', 'b']);
  });

  it('stays known while the runtime cannot be listed', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a']);
    const lease = await orchestrator.acquire('k');
    runtime.fail('list', new Error('restarting'));
    await clock.advance(300_000);
    expect(ids(orchestrator)).toEqual(['a']);
    expect(lease.signal.aborted).toBe(false);
  });

  it('is not listed again when it cannot change', async () => {
    let listings = 0;
    const fixed = staticRuntime(['http://e:1']);
    const runtime: EngineRuntime = {
      ...fixed,
      list: (options) => {
        listings += 1;
        return fixed.list(options);
      },
    };
    const clock = fakeClock();
    const orchestrator = new EngineOrchestrator({ runtime, probe: fakeProbe(), clock });
    await orchestrator.start();
    await clock.advance(600_000);
    expect(listings).toBe(1);
  });
});

describe('the snapshot of an engine', () => {
  it('says what is known, frozen, with unix times', async () => {
    const { orchestrator, probe, runtime, clock } = await startOrchestrator([]);
    probe.set('a', { ok: true, version: '3.2.11', platform: 'linux' });
    runtime.add({ id: 'a', name: 'first', host: '10.0.0.5', port: 6878, labels: { x: '1' }, forwarded: true });
    await clock.advance(20_500);
    await orchestrator.acquire('k');
    await clock.advance(500);
    orchestrator.observe('a', 'bytes');
    const start = Date.UTC(2026, 0, 1);
    const [state] = orchestrator.engines();
    expect(state).toEqual({
      id: 'a',
      name: 'first',
      host: '10.0.0.5',
      port: 6878,
      labels: { x: '1' },
      forwarded: true,
      health: 'healthy',
      unhealthyReason: undefined,
      ready: true,
      running: true,
      draining: false,
      leases: 1,
      maxLeases: 2,
      keys: ['k'],
      firstSeenAt: start + 100,
      lastSeenAt: start + 21_000,
      lastHealthCheckAt: start + 20_100,
      lastLeaseAt: start + 20_500,
      version: '3.2.11',
      platform: 'linux',
      penalties: 0,
      outdated: undefined,
    });
    expect(
      [state, state?.labels, state?.keys, orchestrator.engines(), orchestrator.capacity()].every(Object.isFrozen),
    ).toBe(true);
  });
});

describe('hooks', () => {
  it('tell what happens, once each; what they throw is a warning and changes nothing', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const told: string[] = [];
    const tell = (text: string): void => {
      told.push(text);
      throw new Error('hook is broken');
    };
    const { orchestrator, runtime, probe, clock } = await startOrchestrator(['a'], {
      maxLeasesPerEngine: 1,
      on: {
        engineFound: ({ engine }) => tell(`found ${engine.id}`),
        engineLost: ({ engine }) => tell(`lost ${engine.id}`),
        healthChange: ({ engine, from, to, reason }) => tell(`${engine.id} ${from} → ${to} (${reason})`),
        leaseStart: ({ key, engine, waitedMs }) => tell(`lease ${key} on ${engine.id} after ${waitedMs}`),
        leaseEnd: ({ key, outcome: how, durationMs }) => tell(`end ${key} ${how} after ${durationMs}`),
        leaseRefused: ({ key, code, waitedMs }) => tell(`refused ${key} ${code} after ${waitedMs}`),
      },
    });
    const lease = await orchestrator.acquire('k');
    orchestrator.acquire('l', { timeoutMs: 100 }).catch(() => {});
    await clock.advance(100);
    await lease.release('engine-bad');
    probe.set('a', 'fail');
    await clock.advance(60_000);
    runtime.vanish('a');
    await clock.advance(100);
    expect(told).toEqual([
      'found a',
      'a unknown → healthy (undefined)',
      'lease k on a after 0',
      'refused l no_capacity after 100',
      'end k engine-bad after 100',
      'a healthy → unhealthy (told to fail)',
      'lost a',
    ]);
    expect(warn.mock.calls.map(([warning]) => String(warning))).toEqual(told.map(() => 'Error: hook is broken'));
  });

  it('may withdraw a request at the moment it is served, without losing the slot', async () => {
    const leaving = new AbortController();
    const { orchestrator, clock } = await startOrchestrator(['a'], {
      maxLeasesPerEngine: 1,
      on: { leaseStart: ({ key }) => key === 'withdrawn' && leaving.abort(new Error('left')) },
    });
    const held = await orchestrator.acquire('k');
    const withdrawn = orchestrator.acquire('withdrawn', { signal: leaving.signal });
    withdrawn.catch(() => {});
    await held.release();
    await clock.advance(0);
    await expect(withdrawn).rejects.toThrow('left');
    expect(orchestrator.capacity()).toMatchObject({ used: 0, waiting: 0 });
  });
});

describe('a runtime that makes engines', () => {
  it('tells of what it makes, starts, stops and removes, and fails as it is told', async () => {
    const { signal } = new AbortController();
    const runtime = fakeRuntime([], { canProvision: true });
    const { id } = await runtime.create({ labels: { x: '1' } }, { signal });
    expect(await runtime.list({ signal })).toMatchObject([{ id, running: false, labels: { x: '1' } }]);
    await runtime.start(id, { signal });
    expect(await runtime.list({ signal })).toMatchObject([{ id, running: true }]);
    await runtime.stop(id, { signal, graceMs: 0 });
    expect(await runtime.list({ signal })).toMatchObject([{ id, running: false }]);
    await runtime.remove(id, { signal });
    await runtime.remove(id, { signal });
    expect(await runtime.list({ signal })).toEqual([]);
    runtime.fail('create', new Error('no room'));
    await expect(runtime.create({}, { signal })).rejects.toThrow('no room');
    expect(runtime.calls).toMatchObject([
      { operation: 'create' },
      { operation: 'start', engineId: id },
      { operation: 'stop', engineId: id },
      { operation: 'remove', engineId: id },
      { operation: 'remove', engineId: id },
      { operation: 'create' },
    ]);
  });

  it('hangs as it is told, until its signal aborts or it is told to go on', async () => {
    const runtime = fakeRuntime(['a'], { canProvision: true });
    const leaving = new AbortController();
    runtime.hang('remove', true);
    const given = runtime.remove('a', { signal: leaving.signal });
    leaving.abort(new Error('gave up'));
    await expect(given).rejects.toThrow('gave up');
    expect(runtime.has('a')).toBe(true);
    const removed = runtime.remove('a', { signal: new AbortController().signal });
    runtime.hang('remove', false);
    await removed;
    expect(runtime.has('a')).toBe(false);
  });
});

describe('options', () => {
  it.each([
    ['maxLeasesPerEngine', 0],
    ['acquireTimeoutMs', -1],
    ['probeIntervalMs', 99],
    ['probeTimeoutMs', 0],
    ['unhealthyAfter', 0],
    ['penaltyMs', 1.5],
    ['deadLeaseTimeoutMs', Number.NaN],
    ['resyncIntervalMs', 4e6],
    ['retryAfterMs', 999],
  ])('out of bounds are a RangeError that names them (%s %s)', (name, value) => {
    const make = (): EngineOrchestrator =>
      new EngineOrchestrator({ runtime: fakeRuntime(), probe: fakeProbe(), [name]: value });
    expect(make).toThrow(RangeError);
    expect(make).toThrow(name);
  });
});
