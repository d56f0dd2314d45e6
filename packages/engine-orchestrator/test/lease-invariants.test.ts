import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lease, LeaseOutcome } from '../src/leases/lease.ts';
import { type Setup, startOrchestrator } from './support/start-orchestrator.ts';

const engineIds = ['a', 'b', 'c'];
const maxLeasesPerEngine = 2;

/** One thing that can happen, anywhere between any other two. */
type Step =
  | { do: 'acquire'; key: number; identity: boolean; exclude: string | undefined; timeoutMs: number }
  | { do: 'identify' | 'release-twice'; lease: number }
  | { do: 'release'; lease: number; outcome: LeaseOutcome }
  | { do: 'leave'; request: number }
  | { do: 'pass-time'; ms: number }
  | { do: 'answer'; engine: string; how: 'ok' | 'fail' | 'hang' }
  | { do: 'runtime'; engine: string; how: 'crash' | 'vanish' | 'restart' | 'add' }
  | { do: 'drain' | 'resume' | 'bytes' | 'failure'; engine: string };

const index = fc.nat({ max: 30 });
const engine = fc.constantFrom(...engineIds);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('acquire' as const),
      key: fc.nat({ max: 11 }),
      identity: fc.boolean(),
      exclude: fc.option(engine, { nil: undefined }),
      timeoutMs: fc.constantFrom(0, 500, 60_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('identify' as const), lease: index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release-twice' as const), lease: index }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      lease: index,
      outcome: fc.constantFrom<LeaseOutcome>('ok', 'content-bad', 'engine-bad'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), request: index }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('pass-time' as const), ms: fc.constantFrom(0, 1, 700, 25_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      engine,
      how: fc.constantFrom('ok' as const, 'fail' as const, 'hang' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('runtime' as const),
      engine,
      how: fc.constantFrom('crash' as const, 'vanish' as const, 'restart' as const, 'add' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('drain' as const, 'resume' as const, 'bytes' as const, 'failure' as const),
      engine,
    }),
  },
);

/** Plays steps against an orchestrator and keeps its own books. */
class Player {
  readonly #setup: Setup;
  /** Leases that were given and not released by us, oldest first. */
  readonly held: Lease[] = [];
  readonly #requests: AbortController[] = [];
  granted = 0;
  settled = 0;
  asked = 0;

  constructor(setup: Setup) {
    this.#setup = setup;
  }

  /** Does a step without waiting for what follows from it. */
  begin(next: Step): void {
    const { orchestrator, probe, runtime } = this.#setup;
    switch (next.do) {
      case 'acquire': {
        const leaving = new AbortController();
        this.#requests.push(leaving);
        this.asked += 1;
        orchestrator
          .acquire(`key-${next.key}`, {
            signal: leaving.signal,
            timeoutMs: next.timeoutMs,
            exclude: next.exclude === undefined ? [] : [next.exclude],
            ...(next.identity ? { identity: `content-${next.key % 3}` } : {}),
          })
          .then(
            (lease) => {
              this.granted += 1;
              this.settled += 1;
              expect(lease.engine.id).not.toBe(next.exclude);
              this.held.push(lease);
            },
            () => {
              this.settled += 1;
            },
          );
        break;
      }
      case 'identify': {
        const lease = pick(this.held, next.lease);
        lease?.identify(`content-${Number(lease.key.slice(4)) % 3}`);
        break;
      }
      case 'release':
      case 'release-twice': {
        const lease = pick(this.held, next.lease);
        if (lease === undefined) return;
        this.held.splice(this.held.indexOf(lease), 1);
        void lease.release(next.do === 'release' ? next.outcome : 'ok');
        if (next.do === 'release-twice') void lease.release('engine-bad');
        break;
      }
      case 'leave':
        pick(this.#requests, next.request)?.abort(new Error('left'));
        break;
      case 'answer':
        probe.set(next.engine, next.how);
        break;
      case 'runtime':
        if (next.how === 'vanish') runtime.vanish(next.engine);
        else if (!runtime.has(next.engine)) runtime.add({ id: next.engine });
        else if (next.how !== 'add') runtime[next.how](next.engine);
        break;
      case 'drain':
        orchestrator.drain(next.engine);
        break;
      case 'resume':
        orchestrator.resume(next.engine);
        break;
      case 'bytes':
      case 'failure':
        orchestrator.observe(next.engine, next.do);
        break;
      case 'pass-time':
        break;
    }
  }

  /** What must hold at every moment. */
  check(): void {
    const { orchestrator } = this.#setup;
    const engines = orchestrator.engines();
    for (const state of engines) {
      expect(state.leases).toBeLessThanOrEqual(maxLeasesPerEngine);
      expect(state.leases).toBe(state.keys.length);
      expect(new Set(state.keys).size, 'a key has one lease on an engine').toBe(state.keys.length);
      expect(state.penalties).toBeGreaterThanOrEqual(0);
    }
    const { total, used, available, waiting } = orchestrator.capacity();
    expect(total).toBe(engines.filter(({ ready }) => ready).length * maxLeasesPerEngine);
    expect(used + available).toBe(total);
    expect(Math.min(used, available, waiting)).toBeGreaterThanOrEqual(0);
  }
}

function pick<T>(list: readonly T[], at: number): T | undefined {
  return list.length === 0 ? undefined : list[at % list.length];
}

describe('whatever happens in whatever order', () => {
  it('no engine exceeds its slots, no key has two leases on one, and the books balance in the end', async () => {
    let granted = 0;
    let asked = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 80, size: 'max' }), async (steps) => {
        const setup = await startOrchestrator(engineIds, { maxLeasesPerEngine });
        const { orchestrator, clock, probe, runtime } = setup;
        const player = new Player(setup);
        for (const next of steps) {
          player.begin(next);
          player.check();
          if (next.do === 'pass-time') await clock.advance(next.ms);
          player.check();
        }
        // Everybody lets go, every engine recovers: nothing may be left waiting, held or blocked.
        for (const id of engineIds) {
          probe.set(id, 'ok');
          if (!runtime.has(id)) runtime.add({ id });
          else runtime.restart(id);
        }
        await clock.advance(0);
        for (const id of engineIds) orchestrator.resume(id);
        await clock.advance(90_000);
        while (player.held.length > 0) {
          player.begin({ do: 'release', lease: 0, outcome: 'ok' });
          await clock.advance(0);
          player.check();
        }
        expect(player.settled).toBe(player.asked);
        expect(orchestrator.capacity()).toEqual({ total: 6, used: 0, available: 6, waiting: 0 });
        await orchestrator.close();
        expect(clock.pendingTimers).toBe(0);
        granted += player.granted;
        asked += player.asked;
      }),
      { numRuns: 150 },
    );
    // The property is worth something only when a good part of the requests are served and a good part are not.
    expect(granted / asked).toBeGreaterThan(0.2);
    expect(granted / asked).toBeLessThan(0.9);
  });

  it('50 requests for 50 contents at once on 10 engines of 5 slots are all served, 5 on each', async () => {
    const ids = Array.from({ length: 10 }, (_, at) => `e${at}`);
    const { orchestrator } = await startOrchestrator(ids, { maxLeasesPerEngine: 5 });
    await Promise.all(Array.from({ length: 50 }, (_, at) => orchestrator.acquire(`k${at}`, { timeoutMs: 0 })));
    expect(orchestrator.engines().map(({ leases }) => leases)).toEqual(ids.map(() => 5));
    await expect(orchestrator.acquire('one too many', { timeoutMs: 0 })).rejects.toMatchObject({ code: 'no_capacity' });
  });
});
