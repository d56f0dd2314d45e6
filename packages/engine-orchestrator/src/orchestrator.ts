import type { EngineState } from './engine.ts';
import {
  afterBytes,
  afterFailure,
  afterProbeFailure,
  afterProbeSuccess,
  type HealthRecord,
  type HealthRules,
  nextProbeDelayMs,
} from './health/engine-health.ts';
import { Prober } from './health/prober.ts';
import { type BreakerName, tell } from './hooks.ts';
import type { AcquireOptions, Lease } from './leases/lease.ts';
import { LeaseLedger, type LeaseRequest } from './leases/lease-ledger.ts';
import { LeaseQueue } from './leases/lease-queue.ts';
import { explainRefusal } from './leases/refusal.ts';
import { OrchestratorError } from './orchestrator-error.ts';
import { EnginePool } from './pool/engine-pool.ts';
import { describeRecord, type EngineRecord, isReady } from './pool/engine-record.ts';
import type { ProbeResult } from './probe.ts';
import type { ProvisioningStatus, ReprovisionStatus } from './reconcile/provisioning.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import type { EngineRequest, RuntimeEngine } from './runtime/engine-runtime.ts';
import { RuntimeWatch } from './runtime/runtime-watch.ts';
import { changeScaleSettings, type ScaleSettings } from './scale-settings.ts';
import { checkNumber, type OrchestratorOptions, type OrchestratorSettings, readSettings } from './settings.ts';
import { type EngineStats, StatsCollector } from './stats/stats-collector.ts';
import { limitTime } from './time/limit-time.ts';

/** Slots of the engines that are ready now. */
export interface Capacity {
  readonly total: number;
  readonly used: number;
  readonly available: number;
  /** Requests that wait for a slot. A session that begins to linger while some do had better end at once. */
  readonly waiting: number;
}

/** Bytes are told about once a second; a few may come late. */
const minBytesFreshMs = 5_000;

/** How long an engine takes to become ready, while none of this process has shown it yet. */
const assumedStartupMs = 10_000;
/** Engines that are removed at the end have so long. */
const removalTimeoutMs = 8_000;
/** Time limit of removing what is left of engines that are gone. */
const pruneTimeoutMs = 30_000;

/** What a proxy saw an engine do. */
export type Observation = 'bytes' | 'failure';

/**
 * Knows the engines of a runtime, keeps as many of them as are needed where the runtime can make them, watches their
 * health, and leases slots on the best of them.
 *
 * Listings, probes and demand are inputs; what is done follows from what is known.
 */
export class EngineOrchestrator {
  readonly #settings: OrchestratorSettings;
  readonly #healthRules: HealthRules;
  readonly #pool = new EnginePool();
  readonly #prober: Prober;
  readonly #watch: RuntimeWatch;
  readonly #ledger: LeaseLedger;
  readonly #queue: LeaseQueue;
  readonly #reconciler: Reconciler;
  readonly #stats: StatsCollector;
  readonly #firstProbes = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #wasListed = false;
  #scale: ScaleSettings;
  #startupMs = assumedStartupMs;

  /** Throws a RangeError for a number that is out of its bounds. */
  constructor(options: OrchestratorOptions) {
    const settings = readSettings(options);
    const { clock, on: hooks, runtime, probe, probeIntervalMs, unhealthyAfter } = settings;
    this.#settings = settings;
    this.#scale = settings.scale;
    this.#healthRules = { unhealthyAfter, probeIntervalMs, bytesFreshMs: Math.max(probeIntervalMs, minBytesFreshMs) };
    this.#prober = new Prober({
      clock,
      probe,
      timeoutMs: settings.probeTimeoutMs,
      minPauseMs: Math.min(1_000, probeIntervalMs),
      settle: (engineId, result) => this.#probed(engineId, result),
    });
    this.#watch = new RuntimeWatch({
      clock,
      runtime,
      resyncIntervalMs: () => this.#resyncIntervalMs(),
      onListed: (engines) => this.#listed(engines),
      onFailed: (operation, error) => {
        tell(hooks, 'runtimeFailed', { operation, error });
        if (operation === 'list') this.#reconciler.unlisted(error);
      },
    });
    this.#ledger = new LeaseLedger({
      ...settings,
      hooks,
      maxLeasesPerEngine: () => this.#scale.maxLeasesPerEngine,
      engines: () => this.#pool.records(),
      onFreed: () => {
        this.#queue.serve();
        this.#reconciler.wake();
      },
    });
    this.#queue = new LeaseQueue({
      clock,
      hooks,
      ledger: this.#ledger,
      reclaim: settings.reclaim,
      onWait: () => {
        this.#hastenProbes();
        this.#reconciler.wake();
      },
      onSettled: () => {
        this.#watch.hurry();
        this.#reconciler.wake();
      },
      isHopeless: (request) => this.#isHopeless(request),
      refuse: (request) => this.#refuse(request),
    });
    this.#reconciler = new Reconciler({
      clock,
      runtime,
      pool: this.#pool,
      hooks,
      limits: settings,
      settings: () => this.#scale,
      waiting: () => this.#queue.unserved,
      refresh: () => this.#watch.refresh(),
      evict: (record) => this.#evict(record),
      lapse: (record) => this.#ledger.lapse(record),
      onReady: (startupMs) => {
        this.#startupMs = startupMs;
      },
      onChange: () => this.#queue.review(),
    });
    this.#stats = new StatsCollector({
      clock,
      runtime,
      engineIds: () => [...this.#pool.records()].filter(({ running }) => running).map(({ engine }) => engine.id),
      onCollected: (event) => tell(hooks, 'statsCollected', event),
    });
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
    const request: LeaseRequest = {
      key,
      identity: options.identity,
      avoid: new Set(options.avoid),
      exclude: new Set(options.exclude),
      evenIfDead: options.evenIfDead ?? false,
    };
    return this.#queue.acquire(request, timeoutMs, options.signal);
  }

  /** Every known engine, stopped ones included, in the order in which they were found. */
  engines(): readonly EngineState[] {
    const { maxLeasesPerEngine } = this.#scale;
    return Object.freeze(
      [...this.#pool.records()].map((record) =>
        describeRecord(record, maxLeasesPerEngine, this.#ledger.penalties(record.engine.id)),
      ),
    );
  }

  capacity(): Capacity {
    const ready = [...this.#pool.records()].filter(isReady);
    const total = ready.length * this.#scale.maxLeasesPerEngine;
    const used = ready.reduce((sum, record) => sum + record.holds.size, 0);
    return Object.freeze({ total, used, available: Math.max(0, total - used), waiting: this.#queue.waiting });
  }

  /**
   * Takes in what a proxy saw. `bytes`, told about once a second while an engine delivers, outrank its probes: an
   * engine whose bytes flow is not unhealthy. A `failure` has it probed at once and counts as a failed probe, but
   * only a probe that fails as well makes it unhealthy. An unknown engine is ignored.
   */
  observe(engineId: string, observation: Observation): void {
    const record = this.#pool.get(engineId);
    if (record === undefined || !record.running || this.#closing !== undefined) return;
    if (observation === 'bytes') {
      record.lastSeenWallAt = this.#settings.clock.wallNow();
      this.#setHealth(record, afterBytes(record.health, this.#settings.clock.now()));
    } else {
      this.#setHealth(record, afterFailure(record.health, this.#healthRules));
      this.#prober.hasten(engineId);
    }
  }

  /** Empties an engine: it takes nothing new, and the signals of its leases abort so that they move. False when unknown. */
  drain(engineId: string): boolean {
    const record = this.#pool.get(engineId);
    if (record === undefined) return false;
    record.draining = true;
    tell(this.#settings.on, 'drainStart', { engine: record.engine, reason: 'request', leases: record.holds.size });
    this.#evict(record);
    this.#reconciler.wake();
    return true;
  }

  /** Ends a {@link drain}. False when unknown, or when the engine is being removed. */
  resume(engineId: string): boolean {
    const record = this.#pool.get(engineId);
    if (record === undefined || this.#reconciler.isRetiring(engineId)) return false;
    record.draining = false;
    tell(this.#settings.on, 'drainEnd', { engine: record.engine });
    this.#queue.serve();
    this.#reconciler.wake();
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
    this.#reconciler.reconfigured();
    this.#queue.serve();
    return this.#scale;
  }

  /**
   * Makes one engine now, and resolves when it exists and its process runs. Rejects with `provisioning_blocked`; its
   * `blocked` says why. In automatic mode it goes again once it has been idle and is not needed.
   */
  async provision(request: EngineRequest = {}): Promise<RuntimeEngine> {
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
    return this.#reconciler.provision(request);
  }

  /** Keeps `count` engines: exactly so many in manual mode, at least so many in automatic mode, never above the maximum. */
  scale(count: number): number {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`count is ${count}, not an integer from 0`);
    const target = Math.min(count, this.#scale.maxReplicas);
    this.#reconciler.scale(target);
    return target;
  }

  /** Lets engines go at once that are idle and not needed, without waiting for their grace to end. Returns their ids. */
  collectIdle(): readonly string[] {
    return this.#reconciler.collectIdle();
  }

  /**
   * Removes what engines that are gone have left behind, such as their cache volumes; this is done once at the start,
   * too. Resolves with the number of things removed; 0 where a runtime leaves nothing. Rejects with its error.
   */
  async prune(): Promise<number> {
    const { runtime, clock } = this.#settings;
    if (runtime.prune === undefined || this.#closing !== undefined) return 0;
    const timeoutReason = (): Error =>
      new Error(`The ${runtime.kind} runtime did not answer within ${pruneTimeoutMs} ms`);
    return limitTime(async (signal) => runtime.prune?.({ signal }) ?? 0, {
      clock,
      ms: pruneTimeoutMs,
      timeoutReason,
      signal: this.#stopped.signal,
    });
  }

  /**
   * Empties an engine and removes it; what has not moved in time is cut off. Resolves when it is gone, with false when
   * there is no such engine or engines cannot be removed here.
   */
  async remove(engineId: string): Promise<boolean> {
    if (!this.#settings.runtime.canProvision) return false;
    const gone = this.#reconciler.retire(engineId);
    await gone;
    return gone !== undefined;
  }

  /**
   * Empties an engine and starts its process anew. Resolves when that is done, with false when it failed, when there is
   * no such engine, or when engines cannot be restarted here.
   */
  async restart(engineId: string): Promise<boolean> {
    if (!this.#settings.runtime.canProvision) return false;
    return (await this.#reconciler.restart(engineId)) ?? false;
  }

  /**
   * Replaces the outdated engines, or all when none is, one after the other: each makes room once another one can take
   * its streams. Throws `reprovision_running` while one is under way.
   */
  reprovision(): ReprovisionStatus {
    this.#reconciler.startReprovision();
    return this.#reconciler.reprovisionStatus();
  }

  /** How far the last {@link reprovision} has come. */
  reprovisionStatus(): ReprovisionStatus {
    return this.#reconciler.reprovisionStatus();
  }

  /** Whether engines can be made, why not, and what is being made. */
  provisioning(): ProvisioningStatus {
    return this.#reconciler.status();
  }

  /** Closes a circuit breaker, or both, and forgets what opened it. */
  resetBreakers(name?: BreakerName): void {
    this.#reconciler.resetBreakers(name);
  }

  /** Takes a content for dead: it is refused for a while without asking an engine. */
  declareDead(key: string, identity?: string): void {
    this.#ledger.declareDead(key, identity);
  }

  /**
   * What the engines use. One measurement serves everybody who asks at about the same time; while nobody asks nothing is
   * measured. Rejects with the runtime's error, or with the signal's reason.
   */
  stats(options: { readonly signal?: AbortSignal } = {}): Promise<EngineStats> {
    return this.#stats.read(options.signal);
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
    this.#queue.close();
    this.#ledger.close();
    void this.#close(options.engines === 'remove').then(resolve);
    return promise;
  }

  async #close(removesEngines: boolean): Promise<void> {
    await Promise.all([this.#watch.close(), this.#prober.close(), this.#reconciler.close(), this.#stats.close()]);
    if (removesEngines) await this.#removeAll();
  }

  async #removeAll(): Promise<void> {
    const { runtime, clock } = this.#settings;
    const timeoutReason = (): Error => new Error(`The engines were not removed within ${removalTimeoutMs} ms`);
    const removals = [...this.#pool.records()].map(({ engine }) =>
      limitTime(async (signal) => runtime.remove?.(engine.id, { signal }), {
        clock,
        ms: removalTimeoutMs,
        timeoutReason,
      }).then(
        () => tell(this.#settings.on, 'engineRemoved', { engine, reason: 'request' }),
        (error: unknown) => tell(this.#settings.on, 'removeFailed', { engine, error }),
      ),
    );
    await Promise.all(removals);
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
    signal?.throwIfAborted();
    const started = this.#watch.start().then(() => Promise.all(this.#firstProbes));
    await (signal === undefined ? started : untilAborted(started, signal));
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
  }

  #pruneAtStart(): void {
    this.prune().catch((error: unknown) => {
      if (this.#closing === undefined) tell(this.#settings.on, 'runtimeFailed', { operation: 'prune', error });
    });
  }

  #listed(engines: readonly RuntimeEngine[]): void {
    const { clock, on: hooks } = this.#settings;
    const { lost, found, outdated } = this.#pool.sync(engines, { now: clock.now(), wallNow: clock.wallNow() });
    if (!this.#wasListed) this.#pruneAtStart();
    this.#wasListed = true;
    for (const record of lost) {
      const { engine } = record;
      void this.#prober.remove(engine.id);
      this.#ledger.engineLost(record, `Engine ${engine.id} was stopped, removed or restarted`);
      tell(hooks, 'engineLost', { engine });
      this.#reconciler.lost(record);
    }
    for (const { engine } of found) {
      const probed = this.#prober.add(engine);
      this.#firstProbes.add(probed);
      void probed.finally(() => this.#firstProbes.delete(probed));
      tell(hooks, 'engineFound', { engine });
    }
    for (const each of outdated) tell(hooks, 'engineOutdated', each);
    this.#reconciler.listed();
    this.#queue.review();
  }

  #probed(engineId: string, result: ProbeResult): number {
    const { clock } = this.#settings;
    const record = this.#pool.get(engineId);
    if (record === undefined) return this.#healthRules.probeIntervalMs;
    record.lastProbeWallAt = clock.wallNow();
    if (result.ok) {
      record.lastSeenWallAt = record.lastProbeWallAt;
      record.version = result.version ?? record.version;
      record.platform = result.platform ?? record.platform;
      this.#setHealth(record, afterProbeSuccess(record.health));
    } else {
      this.#setHealth(record, afterProbeFailure(record.health, result.reason, clock.now(), this.#healthRules));
    }
    return nextProbeDelayMs(record.health, this.#healthRules, this.#isWanted(engineId));
  }

  /** Somebody waits for it, or nothing else is known of it than that it was made. */
  #isWanted(engineId: string): boolean {
    return this.#queue.waiting > 0 || this.#reconciler.isExpected(engineId);
  }

  #setHealth(record: EngineRecord, next: HealthRecord): void {
    const from = record.health.health;
    record.health = next;
    if (next.health === from) return;
    record.unhealthySince = next.health === 'unhealthy' ? this.#settings.clock.now() : undefined;
    record.wasReady ||= next.health === 'healthy';
    const { engine } = record;
    tell(this.#settings.on, 'healthChange', { engine, from, to: next.health, reason: next.reason });
    if (next.health !== 'healthy') this.#ledger.engineDied(record, `Engine ${engine.id} is unhealthy: ${next.reason}`);
    this.#reconciler.healthChanged(record);
    if (next.health === 'healthy') this.#queue.serve();
  }

  #evict(record: EngineRecord): void {
    this.#ledger.evict(record, 'engine_draining', `Engine ${record.engine.id} is to be emptied`);
  }

  /** Events that got lost are noticed after so long; without an engine there is nothing that could have happened to one. */
  #resyncIntervalMs(): number | undefined {
    const { runtime, resyncIntervalMs, idleResyncIntervalMs } = this.#settings;
    if (runtime.events === undefined) return resyncIntervalMs;
    if (this.#pool.size === 0) return undefined;
    const isBusy = [...this.#pool.records()].some(({ holds }) => holds.size > 0);
    return isBusy || this.#queue.waiting > 0 ? resyncIntervalMs : idleResyncIntervalMs;
  }

  /** Somebody waits: engines that are not ready may have recovered since their last probe. */
  #hastenProbes(): void {
    for (const record of this.#pool.records()) if (!isReady(record)) this.#prober.hasten(record.engine.id);
  }

  /** No engine that this request may use exists, and none can appear. */
  #isHopeless({ exclude }: LeaseRequest): boolean {
    const { runtime } = this.#settings;
    if (!this.#wasListed || ![...this.#pool.records()].every((record) => exclude.has(record.engine.id))) return false;
    if (runtime.canProvision) return !this.#reconciler.isGrowing && this.#reconciler.blocked()?.shouldWait === false;
    return runtime.events === undefined;
  }

  #refuse(request: LeaseRequest): OrchestratorError {
    const deadForMs = request.evenIfDead ? 0 : this.#ledger.deadForMs(request);
    if (deadForMs > 0) {
      const message = `${request.key} was found dead a short while ago, and is not tried again yet`;
      return new OrchestratorError('content_dead', message, { recoveryEtaSeconds: Math.ceil(deadForMs / 1_000) });
    }
    const { code, message } = explainRefusal(request.key, this.#ledger.obstacles(request));
    if (!this.#settings.runtime.canProvision) {
      const etaMs = code === 'no_capacity' ? this.#settings.retryAfterMs : this.#nextProbeInMs(request);
      return new OrchestratorError(code, message, { recoveryEtaSeconds: inSeconds(etaMs) });
    }
    const blocked = this.#reconciler.blocked();
    return new OrchestratorError(code, blocked === undefined ? message : `${message}. ${blocked.message}`, {
      blocked,
      recoveryEtaSeconds: blocked?.recoveryEtaSeconds ?? inSeconds(this.#nextSlotInMs(blocked !== undefined)),
    });
  }

  /** A guess: an engine that starts is ready soon, one that can be made takes as long as the last one did. */
  #nextSlotInMs(isBlocked: boolean): number {
    return this.#reconciler.isGrowing || !isBlocked ? this.#startupMs : this.#settings.retryAfterMs;
  }

  #nextProbeInMs({ exclude }: LeaseRequest): number | undefined {
    const delays = [...this.#pool.records()]
      .filter((record) => !exclude.has(record.engine.id))
      .map((record) => this.#prober.nextInMs(record.engine.id))
      .filter((ms) => ms !== undefined);
    return delays.length === 0 ? undefined : Math.min(...delays);
  }
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(1, Math.ceil(ms / 1_000));
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    work.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });
}
