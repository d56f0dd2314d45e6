import { type DrainReason, type OrchestratorHooks, tell } from '../hooks.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import type { EngineRecord } from '../pool/engine-record.ts';
import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import type { Clock } from '../time/clock.ts';
import { EngineRemover } from './engine-remover.ts';
import type { RemoveReason } from './plan.ts';

export interface DeparturesOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly pool: EnginePool;
  readonly hooks: OrchestratorHooks;
  /** How long the leases of an engine that is being emptied may take to move. */
  readonly drainTimeoutMs: number;
  /** Lists the engines; resolves after a listing that began later than the call. */
  readonly refresh: () => Promise<void>;
  /** Tells the leases of an engine to move. */
  readonly evict: (record: EngineRecord) => void;
  /** Ends the leases of an engine, which did not move in time. */
  readonly lapse: (record: EngineRecord) => void;
  /** Something became of one. */
  readonly onChange: () => void;
}

/** An engine that goes as soon as it is empty. */
interface Retirement {
  readonly reason: DrainReason;
  readonly since: number;
  /** Whether its leases end when they have not moved in time. */
  readonly isUrgent: boolean;
  /** Settles when it is gone. */
  readonly gone: PromiseWithResolvers<void>;
}

/** Engines on their way out: those that are being emptied, and those that are being removed or restarted. */
export class Departures {
  readonly #options: DeparturesOptions;
  readonly #remover: EngineRemover;
  readonly #retirements = new Map<string, Retirement>();
  /** Engines that somebody set aside: they stay, and take nothing. */
  readonly #setAside = new Set<string>();

  constructor(options: DeparturesOptions) {
    const { clock, runtime, refresh, pool, hooks } = options;
    this.#options = options;
    this.#remover = new EngineRemover({
      clock,
      runtime,
      refresh,
      onFailed: (engineId, error) => {
        const record = pool.get(engineId);
        if (record !== undefined) tell(hooks, 'removeFailed', { engine: record.engine, error });
      },
    });
  }

  /** Whether any engine is being emptied for good. */
  get isRetiringAny(): boolean {
    return this.#retirements.size > 0;
  }

  isRetiring(engineId: string): boolean {
    return this.#retirements.has(engineId);
  }

  /** Whether an engine is emptied, and its leases may take as long as they like to move. */
  isUnhurried(engineId: string): boolean {
    return this.#retirements.get(engineId)?.isUrgent === false;
  }

  jobOf(engineId: string): 'remove' | 'restart' | undefined {
    return this.#remover.jobOf(engineId);
  }

  /** Empties an engine that stays: it takes nothing new until {@link resume}. */
  setAside(record: EngineRecord): void {
    this.#setAside.add(record.engine.id);
    this.#drain(record, 'request');
  }

  /** Ends {@link setAside}. False when the engine is emptied for another reason as well, and goes on being so. */
  resume(record: EngineRecord): boolean {
    const { id } = record.engine;
    if (this.isRetiring(id) || this.jobOf(id) !== undefined) return false;
    this.#setAside.delete(id);
    record.draining = false;
    tell(this.#options.hooks, 'drainEnd', { engine: record.engine });
    return true;
  }

  /**
   * Takes an engine out of service for good. Resolves when it is gone.
   *
   * @param isUrgent whether leases that do not move in time are cut off
   */
  retire(record: EngineRecord, reason: DrainReason, isUrgent: boolean): Promise<void> {
    const { id } = record.engine;
    const before = this.#retirements.get(id);
    if (before !== undefined) return before.gone.promise;
    const retirement: Retirement = {
      reason,
      since: this.#options.clock.now(),
      isUrgent,
      gone: Promise.withResolvers(),
    };
    this.#retirements.set(id, retirement);
    this.#drain(record, reason);
    return retirement.gone.promise;
  }

  /** Removes an engine that has no lease. */
  remove(record: EngineRecord, reason: RemoveReason): void {
    const { hooks, onChange } = this.#options;
    const { id } = record.engine;
    // From here on nothing may be reserved there.
    record.draining = true;
    const told = reason === 'emptied' ? removalOf(this.#retirements.get(id)?.reason) : reason;
    void this.#remover.remove(id).then((isGone) => {
      if (isGone) tell(hooks, 'engineRemoved', { engine: record.engine, reason: told });
      else this.#settle(id);
      onChange();
    });
  }

  /** Starts the process of an engine anew. Resolves with whether that worked. */
  async restart(record: EngineRecord): Promise<boolean> {
    const { pool, hooks, onChange } = this.#options;
    const { id } = record.engine;
    this.#drain(record, 'restart');
    const worked = await this.#remover.restart(id);
    this.#settle(id);
    const restarted = pool.get(id);
    if (restarted !== undefined && worked) tell(hooks, 'engineRestarted', { engine: restarted.engine });
    onChange();
    return worked;
  }

  /** The process of an engine ended, or the engine is gone. */
  ended(engineId: string): void {
    this.#remover.forget(engineId);
  }

  /** Ends what was waited for, and cuts off the leases that had their time. */
  review(now: number): void {
    const { pool, drainTimeoutMs, lapse } = this.#options;
    for (const id of this.#setAside) if (pool.get(id) === undefined) this.#setAside.delete(id);
    for (const [id, { since, isUrgent, gone }] of this.#retirements) {
      const record = pool.get(id);
      if (record === undefined) {
        this.#retirements.delete(id);
        gone.resolve();
      } else if (isUrgent && record.holds.size > 0 && now - since >= drainTimeoutMs) lapse(record);
    }
  }

  /** From `now` until leases are cut off. */
  dueInMs(now: number): readonly number[] {
    const { drainTimeoutMs } = this.#options;
    return [...this.#retirements.values()]
      .filter(({ isUrgent }) => isUrgent)
      .map(({ since }) => since + drainTimeoutMs - now);
  }

  /** Gives up what is being done, and lets go of those who wait for it. */
  async close(): Promise<void> {
    await this.#remover.close();
    for (const { gone } of this.#retirements.values()) gone.resolve();
  }

  #drain(record: EngineRecord, reason: DrainReason): void {
    const { hooks, evict } = this.#options;
    record.draining = true;
    tell(hooks, 'drainStart', { engine: record.engine, reason, leases: record.holds.size });
    evict(record);
  }

  /** What was done to an engine is over: it takes leases again, unless something else keeps it from that. */
  #settle(engineId: string): void {
    const record = this.#options.pool.get(engineId);
    if (record !== undefined) record.draining = this.#setAside.has(engineId) || this.isRetiring(engineId);
  }
}

function removalOf(reason: DrainReason | undefined): RemoveReason {
  return reason === undefined || reason === 'restart' ? 'emptied' : reason;
}
