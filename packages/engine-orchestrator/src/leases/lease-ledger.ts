import { randomUUID } from 'node:crypto';
import { type OrchestratorHooks, tell } from '../hooks.ts';
import { OrchestratorError, type OrchestratorErrorCode } from '../orchestrator-error.ts';
import { type EngineRecord, type Hold, isReady } from '../pool/engine-record.ts';
import type { Clock } from '../time/clock.ts';
import { DeadContents } from './dead-contents.ts';
import { FailureMemory } from './failure-memory.ts';
import { IdentityMemory } from './identity-memory.ts';
import type { Lease, LeaseOutcome } from './lease.ts';
import { rankEngines } from './rank-engines.ts';
import type { Obstacle } from './refusal.ts';

/** What somebody wants a slot for. */
export interface LeaseRequest {
  readonly key: string;
  readonly identity: string | undefined;
  readonly avoid: ReadonlySet<string>;
  readonly exclude: ReadonlySet<string>;
  readonly evenIfDead: boolean;
}

export interface LedgerOptions {
  readonly clock: Clock;
  readonly hooks: OrchestratorHooks;
  readonly engines: () => Iterable<EngineRecord>;
  readonly maxLeasesPerEngine: () => number;
  readonly penaltyMs: number;
  readonly deadContentMs: number;
  readonly deadLeaseTimeoutMs: number;
  /** A slot or a content became free. */
  readonly onFreed: () => void;
}

const maxIdentities = 10_000;
/** Engines that have to call a content dead before it is taken for that. */
const enginesForDeadContent = 2;

/**
 * Who holds which slot. Everything here is synchronous: between looking for a slot and taking it nothing else
 * runs, so no engine ever has more holds than slots.
 */
export class LeaseLedger {
  readonly #options: LedgerOptions;
  readonly #failures: FailureMemory;
  readonly #identities = new IdentityMemory(maxIdentities);
  readonly #dead: DeadContents;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#failures = new FailureMemory(options.penaltyMs);
    this.#dead = new DeadContents(options.deadContentMs);
  }

  /** Engines with a free slot for this request, best first. */
  free(request: LeaseRequest): EngineRecord[] {
    return this.#ranked(request, undefined);
  }

  /** Engines that would serve this request if a slot were given up there, best first. */
  full(request: LeaseRequest): EngineRecord[] {
    return this.#ranked(request, 'full');
  }

  /** What is in the way on each engine that does not serve this request. */
  obstacles(request: LeaseRequest): Obstacle[] {
    const names = this.#namesOf(request);
    return [...this.#options.engines()]
      .map((record) => this.#obstacle(record, request, names))
      .filter((obstacle) => obstacle !== undefined);
  }

  /** Recent failures held against an engine. */
  penalties(engineId: string): number {
    return this.#failures.engineFailures(engineId, this.#options.clock.now());
  }

  /** How long the content of a request is refused, because it was found dead; 0 when it is not. */
  deadForMs(request: Pick<LeaseRequest, 'key' | 'identity'>): number {
    return this.#dead.leftMs(this.#namesOf(request), this.#options.clock.now());
  }

  /** Takes a content for dead, whatever engines said of it. */
  declareDead(key: string, identity: string | undefined): void {
    this.#bury(key, this.#namesOf({ key, identity }), []);
  }

  /** Takes a slot that {@link free} just offered. */
  take(record: EngineRecord, request: LeaseRequest, waitedMs: number): Lease {
    const id = randomUUID();
    const hold = this.#hold(record, request, id);
    const { engine } = record;
    record.holds.add(hold);
    this.#touch(record);
    tell(this.#options.hooks, 'leaseStart', { leaseId: id, key: request.key, engine, waitedMs });
    return {
      id,
      key: request.key,
      engine,
      signal: hold.controller.signal,
      identify: (identity) => this.#identify(record, hold, identity),
      release: async (outcome = 'ok') => hold.end(outcome),
      [Symbol.asyncDispose]: async () => hold.end('ok'),
    };
  }

  /** The engine is to be emptied: tells its holders to go, and keeps their slots until they have. */
  evict(record: EngineRecord): void {
    abortHolds(record, 'engine_draining', `Engine ${record.engine.id} is to be emptied`);
  }

  /** The engine stopped answering: as {@link evict}, but a slot that nobody releases lapses. */
  engineDied(record: EngineRecord): void {
    const { clock, deadLeaseTimeoutMs } = this.#options;
    const { engine, health, holds } = record;
    for (const hold of holds) hold.cancelLapse ??= clock.after(deadLeaseTimeoutMs, () => hold.end('lapsed'));
    abortHolds(record, 'engine_unhealthy', `Engine ${engine.id} is unhealthy: ${health.reason}`);
  }

  /** Ends the holds on an engine that did not go when they were told to. */
  lapse(record: EngineRecord): void {
    for (const hold of [...record.holds]) hold.end('lapsed');
  }

  /** The process of the engine ended, and its sessions with it: its record, which is in no pool now, blocks nothing. */
  engineLost(record: EngineRecord): void {
    for (const hold of record.holds) hold.cancelLapse?.();
    abortHolds(record, 'engine_gone', `Engine ${record.engine.id} was stopped, removed or restarted`);
  }

  /** Tells every holder to go, and leaves no timer. */
  close(): void {
    for (const record of this.#options.engines()) {
      for (const hold of record.holds) hold.cancelLapse?.();
      abortHolds(record, 'closed', 'The orchestrator is closed');
    }
  }

  #hold(record: EngineRecord, { key, identity }: LeaseRequest, leaseId: string): Hold {
    const { clock, hooks, onFreed } = this.#options;
    const { engine } = record;
    const startedAt = clock.now();
    let ended = false;
    const hold: Hold = {
      key,
      names: new Set(this.#namesOf({ key, identity })),
      controller: new AbortController(),
      cancelLapse: undefined,
      end: (outcome) => {
        if (ended) return;
        ended = true;
        hold.cancelLapse?.();
        record.holds.delete(hold);
        this.#touch(record);
        this.#blame(engine.id, hold, outcome);
        tell(hooks, 'leaseEnd', { leaseId, key, engine, outcome, durationMs: clock.now() - startedAt });
        onFreed();
      },
    };
    return hold;
  }

  #ranked(request: LeaseRequest, wanted: Obstacle | undefined): EngineRecord[] {
    const now = this.#options.clock.now();
    const names = this.#namesOf(request);
    const candidates = [];
    for (const record of this.#options.engines()) {
      if (this.#obstacle(record, request, names) !== wanted) continue;
      const { id, forwarded } = record.engine;
      candidates.push({
        record,
        id,
        leases: record.holds.size,
        maxLeases: this.#options.maxLeasesPerEngine(),
        forwarded,
        lastLeaseAt: record.lastLeaseAt,
        avoided: request.avoid.has(id),
        contentFailed: this.#failures.hasContentFailed(id, names, now),
        engineFailures: this.#failures.engineFailures(id, now),
      });
    }
    return rankEngines(candidates).map(({ record }) => record);
  }

  /** What is in the way, the thing that lasts longest first; undefined when the engine can serve. */
  #obstacle(record: EngineRecord, request: LeaseRequest, names: readonly string[]): Obstacle | undefined {
    if (request.exclude.has(record.engine.id)) return 'excluded';
    if (!record.running) return 'stopped';
    if (record.draining) return 'draining';
    if (!isReady(record)) return record.health.health === 'unhealthy' ? 'unhealthy' : 'starting';
    for (const hold of record.holds) if (names.some((name) => hold.names.has(name))) return 'same-content';
    return record.holds.size >= this.#options.maxLeasesPerEngine() ? 'full' : undefined;
  }

  /** Every name under which the content of a request may be held. */
  #namesOf({ key, identity = this.#identities.get(key) }: Pick<LeaseRequest, 'key' | 'identity'>): string[] {
    return identity === undefined ? [key] : [key, identity];
  }

  #identify(record: EngineRecord, hold: Hold, identity: string): boolean {
    if (identity === '') throw new TypeError(`The identity of ${hold.key} is empty`);
    this.#identities.remember(hold.key, identity);
    hold.names.add(identity);
    for (const other of record.holds) if (other !== hold && other.names.has(identity)) return false;
    return true;
  }

  #blame(engineId: string, hold: Hold, outcome: LeaseOutcome | 'lapsed'): void {
    if (outcome === 'ok' || outcome === 'lapsed') return;
    const now = this.#options.clock.now();
    this.#failures.failed(engineId, hold.names, outcome, now);
    if (outcome !== 'content-dead') return;
    const engineIds = this.#failures.deadOn(hold.names, now);
    if (engineIds.length >= enginesForDeadContent) this.#bury(hold.key, hold.names, engineIds);
  }

  #bury(key: string, names: Iterable<string>, engineIds: readonly string[]): void {
    const { clock, hooks, deadContentMs } = this.#options;
    this.#dead.add(names, clock.now());
    tell(hooks, 'contentDead', { key, forMs: deadContentMs, engineIds });
  }

  #touch(record: EngineRecord): void {
    record.lastLeaseAt = this.#options.clock.now();
    record.lastLeaseWallAt = this.#options.clock.wallNow();
  }
}

function abortHolds({ holds }: EngineRecord, code: OrchestratorErrorCode, message: string): void {
  for (const hold of holds) hold.controller.abort(new OrchestratorError(code, message));
}
