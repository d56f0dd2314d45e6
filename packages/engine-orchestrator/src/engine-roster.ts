import type { HealthMonitor } from './health/health-monitor.ts';
import { type OrchestratorHooks, tell } from './hooks.ts';
import type { EnginePool } from './pool/engine-pool.ts';
import type { EngineRecord } from './pool/engine-record.ts';
import type { EngineRuntime, RuntimeEngine } from './runtime/engine-runtime.ts';
import { RuntimeWatch } from './runtime/runtime-watch.ts';
import type { Clock } from './time/clock.ts';

export interface RosterOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly pool: EnginePool;
  readonly hooks: OrchestratorHooks;
  readonly health: HealthMonitor;
  readonly resyncIntervalMs: number;
  readonly idleResyncIntervalMs: number;
  /** Whether somebody waits for an engine. */
  readonly isAwaited: () => boolean;
  /** The process of an engine ended; its record is in the pool no longer. */
  readonly onLost: (record: EngineRecord) => void;
  /** A listing was taken in, the first one or a later one. */
  readonly onListed: (isFirst: boolean) => void;
  /** Where engines are made something changed, or may have. */
  readonly onNetwork: () => void;
  /** A listing failed. */
  readonly onUnlisted: (error: unknown) => void;
}

/** Keeps the pool as the runtime lists it, and has every engine of it probed. */
export class EngineRoster {
  readonly #options: RosterOptions;
  readonly #watch: RuntimeWatch;
  #wasListed = false;

  constructor(options: RosterOptions) {
    const { clock, runtime, hooks, onNetwork, onUnlisted } = options;
    this.#options = options;
    this.#watch = new RuntimeWatch({
      clock,
      runtime,
      resyncIntervalMs: () => this.#resyncIntervalMs(),
      onListed: (engines) => this.#listed(engines),
      onNetwork,
      onFailed: (operation, error) => {
        tell(hooks, 'runtimeFailed', { operation, error });
        if (operation === 'list') onUnlisted(error);
      },
    });
  }

  /** Whether the pool shows what there is; before the first listing it shows nothing. */
  get wasListed(): boolean {
    return this.#wasListed;
  }

  /** Resolves after the first listing, whether that succeeded or failed, and the first probes of what it showed. */
  async start(): Promise<void> {
    await this.#watch.start();
    await this.#options.health.probedOnce();
  }

  /** Resolves after the next listing that begins later than this call and succeeds, or when closed. */
  refresh(): Promise<void> {
    return this.#watch.refresh();
  }

  /** The time to the next listing may be shorter now. */
  hurry(): void {
    this.#watch.hurry();
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    await Promise.all([this.#watch.close(), this.#options.health.close()]);
  }

  #listed(engines: readonly RuntimeEngine[]): void {
    const { clock, pool, hooks, health, onLost, onListed } = this.#options;
    const { lost, found, outdated } = pool.sync(engines, { now: clock.now(), wallNow: clock.wallNow() });
    const isFirst = !this.#wasListed;
    this.#wasListed = true;
    for (const record of lost) {
      health.remove(record.engine.id);
      onLost(record);
    }
    for (const { engine } of found) {
      health.add(engine);
      tell(hooks, 'engineFound', { engine });
    }
    for (const each of outdated) tell(hooks, 'engineOutdated', each);
    onListed(isFirst);
  }

  /** Events that got lost are noticed after so long; without an engine there is nothing that could have happened to one. */
  #resyncIntervalMs(): number | undefined {
    const { runtime, pool, resyncIntervalMs, idleResyncIntervalMs, isAwaited } = this.#options;
    if (runtime.events === undefined) return resyncIntervalMs;
    if (pool.size === 0) return undefined;
    const isBusy = [...pool.records()].some(({ holds }) => holds.size > 0);
    return isBusy || isAwaited() ? resyncIntervalMs : idleResyncIntervalMs;
  }
}
