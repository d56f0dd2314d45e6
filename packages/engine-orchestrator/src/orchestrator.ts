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
import { tell } from './hooks.ts';
import type { AcquireOptions, Lease } from './leases/lease.ts';
import { LeaseLedger, type LeaseRequest } from './leases/lease-ledger.ts';
import { LeaseQueue } from './leases/lease-queue.ts';
import { explainRefusal } from './leases/refusal.ts';
import { OrchestratorError } from './orchestrator-error.ts';
import { EnginePool } from './pool/engine-pool.ts';
import { describeRecord, type EngineRecord, isReady } from './pool/engine-record.ts';
import type { ProbeResult } from './probe.ts';
import type { RuntimeEngine } from './runtime/engine-runtime.ts';
import { RuntimeWatch } from './runtime/runtime-watch.ts';
import { checkNumber, type OrchestratorOptions, type OrchestratorSettings, readSettings } from './settings.ts';

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

/** What a proxy saw an engine do. */
export type Observation = 'bytes' | 'failure';

/**
 * Knows the engines of a runtime, watches their health, and leases slots on the best of them.
 *
 * Listings and probes are inputs; leases follow from what is known. Nothing here makes engines.
 */
export class EngineOrchestrator {
  readonly #settings: OrchestratorSettings;
  readonly #healthRules: HealthRules;
  readonly #pool = new EnginePool();
  readonly #prober: Prober;
  readonly #watch: RuntimeWatch;
  readonly #ledger: LeaseLedger;
  readonly #queue: LeaseQueue;
  readonly #firstProbes = new Set<Promise<void>>();
  #starting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;
  #wasListed = false;

  constructor(options: OrchestratorOptions) {
    const settings = readSettings(options);
    const { clock, on: hooks, runtime, probe, probeIntervalMs, unhealthyAfter } = settings;
    this.#settings = settings;
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
      resyncIntervalMs: settings.resyncIntervalMs,
      onListed: (engines) => this.#listed(engines),
      onFailed: (operation, error) => tell(hooks, 'runtimeFailed', { operation, error }),
    });
    this.#ledger = new LeaseLedger({
      ...settings,
      hooks,
      engines: () => this.#pool.records(),
      onFreed: () => this.#queue.serve(),
    });
    this.#queue = new LeaseQueue({
      clock,
      hooks,
      ledger: this.#ledger,
      reclaim: settings.reclaim,
      onWait: () => this.#hastenProbes(),
      isHopeless: (request) => this.#isHopeless(request),
      refuse: (request) => this.#refuse(request),
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
   * Rejects with an {@link OrchestratorError} (`no_capacity`, `no_engines`, `acquire_timeout`, `closed`), or with the
   * signal's reason. Throws a TypeError for an empty key and a RangeError for a bad `timeoutMs`.
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
    };
    return this.#queue.acquire(request, timeoutMs, options.signal);
  }

  /** Every known engine, stopped ones included, in the order in which they were found. */
  engines(): readonly EngineState[] {
    const { maxLeasesPerEngine } = this.#settings;
    return Object.freeze(
      [...this.#pool.records()].map((record) =>
        describeRecord(record, maxLeasesPerEngine, this.#ledger.penalties(record.engine.id)),
      ),
    );
  }

  capacity(): Capacity {
    const ready = [...this.#pool.records()].filter(isReady);
    const total = ready.length * this.#settings.maxLeasesPerEngine;
    const used = ready.reduce((sum, record) => sum + record.holds.size, 0);
    return Object.freeze({ total, used, available: total - used, waiting: this.#queue.waiting });
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
    this.#ledger.evict(record, 'engine_draining', `Engine ${engineId} is to be emptied`);
    return true;
  }

  /** Ends a {@link drain}. False when unknown. */
  resume(engineId: string): boolean {
    const record = this.#pool.get(engineId);
    if (record === undefined) return false;
    record.draining = false;
    this.#queue.serve();
    return true;
  }

  /**
   * Refuses all who wait, aborts the signals of all leases, and ends every probe, listing and timer. Resolves when
   * nothing is left. Engines go on running. Repeated calls return the first one's promise.
   */
  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closing = promise;
    this.#queue.close();
    this.#ledger.close();
    void Promise.all([this.#watch.close(), this.#prober.close()]).then(() => resolve());
    return promise;
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
    signal?.throwIfAborted();
    const started = this.#watch.start().then(() => Promise.all(this.#firstProbes));
    await (signal === undefined ? started : untilAborted(started, signal));
    if (this.#closing !== undefined) throw new OrchestratorError('closed', 'The orchestrator is closed');
  }

  #listed(engines: readonly RuntimeEngine[]): void {
    const { clock, on: hooks } = this.#settings;
    const { lost, found } = this.#pool.sync(engines, clock.wallNow());
    this.#wasListed = true;
    for (const record of lost) {
      const { engine } = record;
      void this.#prober.remove(engine.id);
      this.#ledger.engineLost(record, `Engine ${engine.id} was stopped, removed or restarted`);
      tell(hooks, 'engineLost', { engine });
    }
    for (const { engine } of found) {
      const probed = this.#prober.add(engine);
      this.#firstProbes.add(probed);
      void probed.finally(() => this.#firstProbes.delete(probed));
      tell(hooks, 'engineFound', { engine });
    }
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
    return nextProbeDelayMs(record.health, this.#healthRules, this.#queue.waiting > 0);
  }

  #setHealth(record: EngineRecord, next: HealthRecord): void {
    const from = record.health.health;
    record.health = next;
    if (next.health === from) return;
    const { engine } = record;
    tell(this.#settings.on, 'healthChange', { engine, from, to: next.health, reason: next.reason });
    if (next.health === 'healthy') this.#queue.serve();
    else this.#ledger.engineDied(record, `Engine ${engine.id} is unhealthy: ${next.reason}`);
  }

  /** Somebody waits: engines that are not ready may have recovered since their last probe. */
  #hastenProbes(): void {
    for (const record of this.#pool.records()) if (!isReady(record)) this.#prober.hasten(record.engine.id);
  }

  /** No engine that this request may use exists, and none can appear. */
  #isHopeless({ exclude }: LeaseRequest): boolean {
    const { runtime } = this.#settings;
    if (!this.#wasListed || runtime.canProvision || runtime.events !== undefined) return false;
    return [...this.#pool.records()].every((record) => exclude.has(record.engine.id));
  }

  #refuse(request: LeaseRequest): OrchestratorError {
    const { code, message } = explainRefusal(request.key, this.#ledger.obstacles(request));
    const etaMs = code === 'no_capacity' ? this.#settings.retryAfterMs : this.#nextProbeInMs(request);
    return new OrchestratorError(code, message, {
      recoveryEtaSeconds: etaMs === undefined ? undefined : Math.max(1, Math.ceil(etaMs / 1_000)),
    });
  }

  #nextProbeInMs({ exclude }: LeaseRequest): number | undefined {
    const delays = [...this.#pool.records()]
      .filter((record) => !exclude.has(record.engine.id))
      .map((record) => this.#prober.nextInMs(record.engine.id))
      .filter((ms) => ms !== undefined);
    return delays.length === 0 ? undefined : Math.min(...delays);
  }
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    work.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });
}
