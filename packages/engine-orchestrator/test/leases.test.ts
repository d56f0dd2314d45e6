import { getEventListeners } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Lease } from '../src/leases/lease.ts';
import { OrchestratorError } from '../src/orchestrator-error.ts';
import { outcome, startOrchestrator } from './support/start-orchestrator.ts';

afterEach(() => vi.restoreAllMocks());

describe('choosing an engine', () => {
  it('spreads leases: forwarded first, then the least recently used', async () => {
    const { orchestrator } = await startOrchestrator(['a', 'b', { id: 'f', forwarded: true }]);
    const order: string[] = [];
    for (const key of ['1', '2', '3', '4', '5', '6']) order.push((await orchestrator.acquire(key)).engine.id);
    expect(order).toEqual(['f', 'a', 'b', 'f', 'a', 'b']);
  });

  it('comes back to the engine that has rested longest', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', 'b']);
    const onA = await orchestrator.acquire('1');
    const onB = await orchestrator.acquire('2');
    await clock.advance(10);
    await onB.release();
    await clock.advance(10);
    await onA.release();
    expect((await orchestrator.acquire('3')).engine.id).toBe('b');
  });

  it('takes an avoided engine only when no other has a slot, and an excluded one never', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', 'b'], { maxLeasesPerEngine: 1 });
    expect((await orchestrator.acquire('1', { avoid: ['a'] })).engine.id).toBe('b');
    const excluding = await outcome(orchestrator.acquire('2', { exclude: ['a'], timeoutMs: 0 }), clock);
    expect(excluding).toMatchObject({ rejected: { code: 'no_capacity' } });
    expect((await orchestrator.acquire('3', { avoid: ['a'] })).engine.id).toBe('a');
  });

  it('puts an engine that failed a content last for that content, for a while', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', { id: 'f', forwarded: true }], { penaltyMs: 1_000 });
    const failed = await orchestrator.acquire('dead');
    failed.identify('hash');
    await failed.release('content-bad');
    const again = await orchestrator.acquire('dead');
    const underItsOtherName = await orchestrator.acquire('other-name', { identity: 'hash' });
    const another = await orchestrator.acquire('fine');
    expect([failed, again, underItsOtherName, another].map((lease) => lease.engine.id)).toEqual(['f', 'a', 'f', 'f']);
    for (const lease of [again, underItsOtherName, another]) await lease.release();
    await clock.advance(1_000);
    expect((await orchestrator.acquire('dead')).engine.id).toBe('f');
  });

  it('puts an engine that failed last for every content, and shows the penalty', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', { id: 'f', forwarded: true }]);
    await (await orchestrator.acquire('1')).release('engine-bad');
    expect(orchestrator.engines().find(({ id }) => id === 'f')?.penalties).toBe(1);
    const leases = [await orchestrator.acquire('2'), await orchestrator.acquire('3'), await orchestrator.acquire('4')];
    expect(leases.map((lease) => lease.engine.id)).toEqual(['a', 'a', 'f']);
    await clock.advance(120_000);
    expect(orchestrator.engines().find(({ id }) => id === 'f')?.penalties).toBe(0);
  });

  it('does not use an engine before its first probe succeeded', async () => {
    const { orchestrator, runtime, probe, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    await orchestrator.acquire('1');
    probe.set('new', 'hang');
    runtime.add({ id: 'new' });
    const waiting = orchestrator.acquire('2');
    expect(await outcome(waiting, clock)).toBe('pending');
    probe.set('new', 'ok');
    await clock.advance(6_000);
    expect((await waiting).engine.id).toBe('new');
  });
});

describe('one session of a content on an engine', () => {
  it('keeps the same key off the engine until the first lease is released', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', 'b']);
    const first = await orchestrator.acquire('k');
    const second = await orchestrator.acquire('k');
    expect([first.engine.id, second.engine.id]).toEqual(['a', 'b']);
    const third = orchestrator.acquire('k');
    expect(await outcome(third, clock)).toBe('pending');
    await first.release();
    expect((await third).engine.id).toBe('a');
  });

  it('says acquire_timeout when the only engine has not closed the content in time', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a']);
    await orchestrator.acquire('k');
    const waiting = orchestrator.acquire('k', { timeoutMs: 5_000 });
    waiting.catch(() => {});
    await clock.advance(5_000);
    await expect(waiting).rejects.toMatchObject({ code: 'acquire_timeout', retryable: true });
  });

  it('knows a content under its key and its identity, also for keys it has met before', async () => {
    const { orchestrator } = await startOrchestrator(['a', 'b', 'c'], { maxLeasesPerEngine: 3 });
    const byId = await orchestrator.acquire('content_id:1');
    expect(byId.identify('hash')).toBe(true);
    const byHash = await orchestrator.acquire('infohash:hash', { identity: 'hash', avoid: ['b', 'c'] });
    expect(byHash.engine.id).toBe('b');
    const byIdAgain = await orchestrator.acquire('content_id:1', { avoid: ['c'] });
    expect(byIdAgain.engine.id).toBe('c');
  });

  it('tells the second of two leases that turn out to be the same content on one engine', async () => {
    const { orchestrator } = await startOrchestrator(['a']);
    const byId = await orchestrator.acquire('content_id:1');
    const byUrl = await orchestrator.acquire('url:x');
    expect(byId.identify('hash')).toBe(true);
    expect(byUrl.identify('hash')).toBe(false);
    await byUrl.release();
    expect(byId.identify('hash')).toBe(true);
  });

  it('refuses an empty key and an empty identity', async () => {
    const { orchestrator } = await startOrchestrator(['a']);
    expect(() => orchestrator.acquire('')).toThrow(TypeError);
    const lease = await orchestrator.acquire('k');
    expect(() => lease.identify('')).toThrow(TypeError);
  });
});

describe('waiting for a slot', () => {
  it('serves those who wait in the order in which they came', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    let held = await orchestrator.acquire('0');
    const served: string[] = [];
    const waiting = ['1', '2', '3'].map((key) =>
      orchestrator.acquire(key).then((lease) => {
        served.push(key);
        return lease;
      }),
    );
    for (const next of waiting) {
      await held.release();
      held = await next;
      await clock.advance(0);
    }
    expect(served).toEqual(['1', '2', '3']);
  });

  it('lets the next one have a slot that the first in the queue cannot use', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a', 'b'], { maxLeasesPerEngine: 1 });
    const onA = await orchestrator.acquire('x');
    await orchestrator.acquire('y');
    const picky = orchestrator.acquire('1', { exclude: ['a'] });
    const easy = orchestrator.acquire('2');
    await onA.release();
    expect((await easy).engine.id).toBe('a');
    expect(await outcome(picky, clock)).toBe('pending');
  });

  it('is over when a new engine appears', async () => {
    const { orchestrator, runtime, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    await orchestrator.acquire('1');
    const waiting = orchestrator.acquire('2');
    expect(await outcome(waiting, clock)).toBe('pending');
    runtime.add({ id: 'b' });
    await clock.advance(100);
    expect(await outcome(waiting, clock)).toMatchObject({ engine: { id: 'b' } });
  });

  it('is over within seconds when an unhealthy engine answers again', async () => {
    const { orchestrator, probe, clock } = await startOrchestrator(['a']);
    probe.set('a', 'fail');
    await clock.advance(60_000);
    expect(orchestrator.engines()[0]?.health).toBe('unhealthy');
    await clock.advance(120_000);
    const waiting = orchestrator.acquire('k');
    await clock.advance(30_500);
    expect(await outcome(waiting, clock)).toBe('pending');
    probe.set('a', 'ok');
    await clock.advance(1_000);
    expect(await outcome(waiting, clock)).toMatchObject({ engine: { id: 'a' } });
  });

  it('ends with the reason of the signal, and the demand is gone with it', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    const held = await orchestrator.acquire('1');
    const leaving = new AbortController();
    const left = orchestrator.acquire('2', { signal: leaving.signal });
    const stayed = orchestrator.acquire('3');
    expect(orchestrator.capacity()).toEqual({ total: 1, used: 1, available: 0, waiting: 2 });
    leaving.abort(new Error('zapped away'));
    await expect(left).rejects.toThrow('zapped away');
    expect(orchestrator.capacity().waiting).toBe(1);
    await held.release();
    expect(await outcome(stayed, clock)).toMatchObject({ key: '3' });
    await expect(orchestrator.acquire('4', { signal: leaving.signal })).rejects.toThrow('zapped away');
  });

  it('leaves no timer and no listener, whatever ends it', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    const held = await orchestrator.acquire('1');
    const timers = clock.pendingTimers;
    const leaving = new AbortController();
    const staying = new AbortController();
    const ends = [
      orchestrator.acquire('2'),
      orchestrator.acquire('3', { signal: leaving.signal }),
      orchestrator.acquire('4', { timeoutMs: 10 }),
      orchestrator.acquire('5', { signal: staying.signal, timeoutMs: 10 }),
    ].map((end) => end.catch(() => {}));
    leaving.abort();
    await held.release();
    await clock.advance(10);
    await Promise.all(ends);
    expect(clock.pendingTimers).toBe(timers);
    expect(getEventListeners(staying.signal, 'abort')).toEqual([]);
  });
});

describe('being refused', () => {
  it('tells full engines from unhealthy ones, and says when to come back', async () => {
    const { orchestrator, probe, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    await orchestrator.acquire('1');
    const full = orchestrator.acquire('2', { timeoutMs: 1_000 });
    full.catch(() => {});
    await clock.advance(1_000);
    await expect(full).rejects.toMatchObject({ code: 'no_capacity', retryable: true, recoveryEtaSeconds: 10 });

    probe.set('a', 'fail');
    await clock.advance(60_000);
    const down = orchestrator.acquire('3', { timeoutMs: 1_000 });
    down.catch(() => {});
    await clock.advance(1_000);
    await expect(down).rejects.toBeInstanceOf(OrchestratorError);
    await expect(down).rejects.toMatchObject({ code: 'no_engines', retryable: true });
    const { rejected } = (await outcome(down, clock)) as { rejected: OrchestratorError };
    expect(rejected.recoveryEtaSeconds).toBeGreaterThanOrEqual(1);
    expect(rejected.recoveryEtaSeconds).toBeLessThanOrEqual(20);
  });

  it('tells of engines that are set aside', async () => {
    const { orchestrator } = await startOrchestrator(['a']);
    orchestrator.drain('a');
    await expect(orchestrator.acquire('k', { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'no_engines',
      message: expect.stringContaining('1 draining'),
    });
  });

  it('happens at once with a timeout of 0, and only then', async () => {
    const { orchestrator, clock } = await startOrchestrator(['a'], { maxLeasesPerEngine: 1 });
    expect(await outcome(orchestrator.acquire('1', { timeoutMs: 0 }), clock)).toMatchObject({ key: '1' });
    expect(await outcome(orchestrator.acquire('2', { timeoutMs: 0 }), clock)).toMatchObject({
      rejected: { code: 'no_capacity' },
    });
    expect(await outcome(orchestrator.acquire('3'), clock)).toBe('pending');
  });

  it.each([-1, 1.5, Number.NaN, 1e12])('does not take %s for a timeout', async (timeoutMs) => {
    const { orchestrator } = await startOrchestrator(['a']);
    expect(() => orchestrator.acquire('1', { timeoutMs })).toThrow(RangeError);
  });
});

describe('reclaiming a lingering slot', () => {
  it('is asked once for each request that finds its engines full, and the slot goes to that request', async () => {
    const lingering: Lease[] = [];
    const asked: (string | undefined)[] = [];
    const { orchestrator, clock } = await startOrchestrator(['a'], {
      reclaim: (engineId) => {
        asked.push(engineId);
        const lease = lingering.shift();
        void lease?.release();
        return lease !== undefined;
      },
    });
    lingering.push(await orchestrator.acquire('1'));
    await orchestrator.acquire('2');
    expect(asked).toEqual([]);
    expect(await outcome(orchestrator.acquire('3'), clock)).toMatchObject({ key: '3' });
    expect(await outcome(orchestrator.acquire('4'), clock)).toBe('pending');
    orchestrator.resume('a');
    await clock.advance(20_000);
    expect(asked).toEqual([undefined, undefined]);
  });

  it('is asked before a request with a timeout of 0 is refused', async () => {
    let held: Lease | undefined;
    const { orchestrator } = await startOrchestrator(['a'], {
      maxLeasesPerEngine: 1,
      reclaim: () => {
        void held?.release();
        return true;
      },
    });
    held = await orchestrator.acquire('1');
    expect((await orchestrator.acquire('2', { timeoutMs: 0 })).key).toBe('2');
  });

  it('names the engines that would help when not every engine would', async () => {
    const asked: (string | undefined)[] = [];
    const { orchestrator, clock } = await startOrchestrator(['a', 'b', 'c'], {
      maxLeasesPerEngine: 1,
      reclaim: (engineId) => {
        asked.push(engineId);
        return engineId === 'c';
      },
    });
    for (const key of ['1', '2', '3']) await orchestrator.acquire(key);
    expect(await outcome(orchestrator.acquire('4', { exclude: ['a'] }), clock)).toBe('pending');
    expect(asked).toEqual(['b', 'c']);
  });

  it('is not asked when a free slot would not help: the engine still closes this very content', async () => {
    let asked = 0;
    const { orchestrator, clock } = await startOrchestrator(['a'], {
      maxLeasesPerEngine: 1,
      reclaim: () => {
        asked += 1;
        return true;
      },
    });
    await orchestrator.acquire('k');
    expect(await outcome(orchestrator.acquire('k'), clock)).toBe('pending');
    expect(asked).toBe(0);
  });

  it('that throws is as good as none, and leaves a warning', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const { orchestrator, clock } = await startOrchestrator(['a'], {
      maxLeasesPerEngine: 1,
      reclaim: () => {
        throw new Error('broken hook');
      },
    });
    const held = await orchestrator.acquire('1');
    const waiting = orchestrator.acquire('2');
    expect(await outcome(waiting, clock)).toBe('pending');
    expect(warn).toHaveBeenCalledExactlyOnceWith(new Error('broken hook'));
    await held.release();
    expect(await outcome(waiting, clock)).toMatchObject({ key: '2' });
  });
});

describe('releasing', () => {
  it('counts once, however often it is done', async () => {
    const ends: string[] = [];
    const { orchestrator } = await startOrchestrator(['a'], {
      on: { leaseEnd: ({ outcome: how }) => ends.push(how) },
    });
    const first = await orchestrator.acquire('1');
    await orchestrator.acquire('2');
    await first.release('content-bad');
    await first.release('engine-bad');
    await first[Symbol.asyncDispose]();
    expect(orchestrator.engines()[0]).toMatchObject({ leases: 1, keys: ['2'], penalties: 0 });
    expect(ends).toEqual(['content-bad']);
  });

  it('happens at the end of an `await using` block', async () => {
    const { orchestrator } = await startOrchestrator(['a']);
    {
      await using lease = await orchestrator.acquire('1');
      expect(orchestrator.engines()[0]?.keys).toEqual([lease.key]);
    }
    expect(orchestrator.engines()[0]?.leases).toBe(0);
  });
});
