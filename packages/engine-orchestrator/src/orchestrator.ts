import { type Capacity, countCapacity } from './capacity.ts';
import { connectParts, type Parts } from './connect-parts.ts';
import type { EngineState } from './engine.ts';
import type { Observation } from './health/health-monitor.ts';
import { type BreakerName, tell } from './hooks.ts';
import type { AcquireOptions, Lease } from './leases/lease.ts';
import { OrchestratorError } from './orchestrator-error.ts';
import { describeRecord } from './pool/engine-record.ts';
import type { ProvisioningStatus, ReprovisionStatus } from './reconcile/provisioning.ts';
import { pruneRuntime, removeEngines } from './runtime/clear-runtime.ts';
import type { EngineRequest, RuntimeEngine } from './runtime/engine-runtime.ts';
import { changeScaleSettings, type ScaleSettings } from './scale-settings.ts';
import { checkNumber, type OrchestratorOptions, type OrchestratorSettings, readSettings } from './settings.ts';
import type { EngineStats } from './stats/stats-collector.ts';
import { untilAborted } from './time/until-aborted.ts';

/**
 * Knows the engines of a runtime, keeps as many of them as are needed where the runtime can make them, watches their
 * health, and leases slots on the best of them.
 *
 * Listings, probes and demand are inputs; what is done follows from what is known.
 */
export class EngineOrchestrator {
  readonly #settings: OrchestratorSettings;
  readonly #parts: Parts;
  readonly #stopped = new AbortController();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #scale: ScaleSettings;

  /** Throws a RangeError for a number that is out of its bounds. */
  constructor(options: OrchestratorOptions) {
    this.#settings = readSettings(options);
    this.#scale = this.#settings.scale;
    this.#parts = connectParts(
      this.#settings,
      () => this.#scale,
      () => this.#pruneAtStart(),
    );
  }

  /**
   * Lists the engines and probes all of them, in parallel. Resolves when every first probe has settled, whatever it
   * found: engines or a runtime that are down do not make it fail. Rejects when the signal aborts (close it then) and
   * with `closed`. Repeated calls return the first one's promise.
   */
  start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#starting ??= this.#start(options.signal);
    return this.#starting;
  }

  /**
   * Leases a slot on the best ready engine for a content, waiting for one if need be.
   *
   * Rejects with an {@link OrchestratorError} (`no_capacity`, `no_engines`, `acquire_timeout`, `content_dead`, `closed`),
   * or with the signal's reason. Throws a TypeError for an empty key and a RangeError for a bad `timeoutMs`.
   */
  acquire(key: string, options: AcquireOptions = {}): Promise<Lease> {
    if (key === '') throw new TypeError('The key of a lease is empty');
    const timeoutMs =
      options.timeoutMs === undefined
        ? this.#settings.acquireTimeoutMs
        : checkNumber('acquireTimeoutMs', options.timeoutMs);
    const { identity, avoid, exclude, evenIfDead = false, signal } = options;
    const request = { key, identity, avoid: new Set(avoid), exclude: new Set(exclude), evenIfDead };
    return this.#parts.queue.acquire(request, timeoutMs, signal);
  }

  /** Every known engine, stopped ones included, in the order in which they were found. */
  engines(): readonly EngineState[] {
    const { pool, ledger } = this.#parts;
    const { maxLeasesPerEngine } = this.#scale;
    return Object.freeze(
      [...pool.records()].map((record) =>
        describeRecord(record, maxLeasesPerEngine, ledger.penalties(record.engine.id)),
      ),
    );
  }

  capacity(): Capacity {
    const { pool, queue } = this.#parts;
    return countCapacity(pool, this.#scale.maxLeasesPerEngine, queue.waiting);
  }

  /**
   * Takes in what a proxy saw. `bytes`, told about once a second while an engine delivers, outrank its probes: an
   * engine whose bytes flow is not unhealthy. A `failure` has it probed at once and counts as a failed probe, but
   * only a probe that fails as well makes it unhealthy. An unknown engine is ignored.
   */
  observe(engineId: string, observation: Observation): void {
    const { pool, health } = this.#parts;
    const record = pool.get(engineId);
    if (record?.running && this.#closing === undefined) health.observe(record, observation);
  }

  /** Empties an engine: it takes nothing new, and the signals of its leases abort so that they move. False when unknown. */
  drain(engineId: string): boolean {
    const { pool, departures, loop } = this.#parts;
    const record = pool.get(engineId);
    if (record === undefined) return false;
    departures.setAside(record);
    loop.wake();
    return true;
  }

  /** Ends a {@link drain}. False when unknown, or when the engine is being removed or restarted. */
  resume(engineId: string): boolean {
    const { pool, departures, queue, loop } = this.#parts;
    const record = pool.get(engineId);
    if (record === undefined || !departures.resume(record)) return false;
    queue.serve();
    loop.wake();
    return true;
  }

  // ── making and removing engines ────────────────────────────────────────────────────────────────────────────────

  /** How many engines are kept, and how they are used. */
  get settings(): ScaleSettings {
    return this.#scale;
  }

  /**
   * Changes settings, all or none, and acts on them. Without changes it looks again at what a runtime makes, after that
   * was configured anew. Throws a RangeError that says what does not fit; then nothing has changed.
   */
  configure(changes: Partial<ScaleSettings> = {}): ScaleSettings {
    this.#scale = changeScaleSettings(this.#scale, changes);
    tell(this.#settings.on, 'settingsChange', { settings: this.#scale });
    const { gate, target, loop, queue } = this.#parts;
    gate.retrySoon();
    target.reset();
    loop.wake();
    queue.serve();
    return this.#scale;
  }

  /**
   * Makes one engine now, and resolves when it exists and its process runs. Rejects with `provisioning_blocked`; its
   * `blocked` says why. In automatic mode it goes again once it has been idle and is not needed.
   */
  async provision(request: EngineRequest = {}): Promise<RuntimeEngine> {
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
    return this.#parts.requests.provision(request);
  }

  /** Keeps `count` engines: exactly so many in manual mode, at least so many in automatic mode, never above the maximum. */
  scale(count: number): number {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`count is ${count}, not an integer from 0`);
    const target = Math.min(count, this.#scale.maxReplicas);
    this.#parts.requests.scale(target);
    return target;
  }

  /** Lets engines go at once that are idle and not needed, without waiting for their grace to end. Returns their ids. */
  collectIdle(): readonly string[] {
    return this.#parts.loop.collectIdle();
  }

  /**
   * Removes what engines that are gone have left behind, such as their cache volumes; this is done once at the start,
   * too. Resolves with the number of things removed; 0 where a runtime leaves nothing. Rejects with its error.
   */
  async prune(): Promise<number> {
    const { runtime, clock } = this.#settings;
    if (runtime.prune === undefined || this.#closing !== undefined) return 0;
    return pruneRuntime({ clock, runtime, signal: this.#stopped.signal });
  }

  /**
   * Empties an engine and removes it; what has not moved in time is cut off. Resolves when it is gone, with false when
   * there is no such engine or engines cannot be removed here.
   */
  async remove(engineId: string): Promise<boolean> {
    if (!this.#settings.runtime.canProvision) return false;
    const gone = this.#parts.requests.retire(engineId);
    await gone;
    return gone !== undefined;
  }

  /**
   * Empties an engine and starts its process anew. Resolves when that is done, with false when it failed, when there is
   * no such engine, or when engines cannot be restarted here.
   */
  async restart(engineId: string): Promise<boolean> {
    if (!this.#settings.runtime.canProvision) return false;
    return this.#parts.requests.restart(engineId);
  }

  /**
   * Replaces the outdated engines, or all when none is, one after the other: each makes room once another one can take
   * its streams. Throws `reprovision_running` while one is under way.
   */
  reprovision(): ReprovisionStatus {
    this.#parts.requests.reprovision();
    return this.#parts.requests.reprovisionStatus();
  }

  /** How far the last {@link reprovision} has come. */
  reprovisionStatus(): ReprovisionStatus {
    return this.#parts.requests.reprovisionStatus();
  }

  /** Whether engines can be made, why not, and what is being made. */
  provisioning(): ProvisioningStatus {
    return this.#parts.report.status();
  }

  /** Closes a circuit breaker, or both, and forgets what opened it. */
  resetBreakers(name?: BreakerName): void {
    this.#parts.gate.reset(name);
    this.#parts.loop.wake();
  }

  /** Takes a content for dead: it is refused for a while without asking an engine. */
  declareDead(key: string, identity?: string): void {
    this.#parts.ledger.declareDead(key, identity);
  }

  /**
   * What the engines use. One measurement serves everybody who asks at about the same time; while nobody asks nothing is
   * measured. Rejects with the runtime's error, or with the signal's reason.
   */
  stats(options: { readonly signal?: AbortSignal } = {}): Promise<EngineStats> {
    return this.#parts.stats.read(options.signal);
  }

  /**
   * Refuses all who wait, aborts the signals of all leases, and ends every probe, listing and timer. Resolves when
   * nothing is left. Engines go on running, unless they are to be removed. Repeated calls return the first one's promise.
   */
  close(options: { readonly engines?: 'keep' | 'remove' } = {}): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing = promise;
    this.#stopped.abort(new OrchestratorError('closed', 'The orchestrator is closed'));
    this.#parts.queue.close();
    this.#parts.ledger.close();
    void this.#close(options.engines === 'remove').then(resolve);
    return promise;
  }

  async #close(removesEngines: boolean): Promise<void> {
    const { loop, roster, arrivals, departures, stats, pool } = this.#parts;
    loop.close();
    // Of what is being made nobody knows whether it exists yet, and how it is called.
    const callsOver = arrivals.callsOver();
    await Promise.all([roster.close(), arrivals.close(), departures.close(), stats.close()]);
    const engines = [...pool.records()].map(({ engine }) => engine);
    if (removesEngines) await removeEngines(engines, { ...this.#settings, hooks: this.#settings.on, callsOver });
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
    signal?.throwIfAborted();
    await untilAborted(this.#parts.roster.start(), signal);
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
  }

  #pruneAtStart(): void {
    this.prune().catch((error: unknown) => {
      if (this.#closing === undefined) tell(this.#settings.on, 'runtimeFailed', { operation: 'prune', error });
    });
  }
}
