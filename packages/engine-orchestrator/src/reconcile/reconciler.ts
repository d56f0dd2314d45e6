import { type BreakerName, type DrainReason, type OrchestratorHooks, tell } from '../hooks.ts';
import { OrchestratorError } from '../orchestrator-error.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import type { EngineRecord } from '../pool/engine-record.ts';
import type { EngineRequest, EngineRuntime, RuntimeEngine } from '../runtime/engine-runtime.ts';
import type { ScaleSettings } from '../scale-settings.ts';
import type { Clock } from '../time/clock.ts';
import { describeForPlan } from './describe-pool.ts';
import { desiredEngines } from './desired.ts';
import { type Build, EngineBuilder } from './engine-builder.ts';
import { EngineRemover } from './engine-remover.ts';
import { type Action, plan, type RemoveReason } from './plan.ts';
import { type Actual, counts, type Desired } from './pool-state.ts';
import type { ProvisioningBlock, ProvisioningStatus, Purpose, ReprovisionStatus } from './provisioning.ts';
import { type BreakerLimits, ProvisioningGate } from './provisioning-gate.ts';
import { Reprovision } from './reprovision.ts';
import { StartDiagnoses } from './start-diagnoses.ts';

/** Times of the loop, in milliseconds. */
export interface LoopLimits extends BreakerLimits {
  readonly burst: number;
  readonly startTimeoutMs: number;
  readonly replaceAfterMs: number;
  readonly replaceCooldownMs: number;
  readonly drainTimeoutMs: number;
}

export interface ReconcilerOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly pool: EnginePool;
  readonly hooks: OrchestratorHooks;
  readonly limits: LoopLimits;
  readonly settings: () => ScaleSettings;
  /** Requests that no engine of now will serve. */
  readonly waiting: () => number;
  /** Resolves after a listing that began later than the call. */
  readonly refresh: () => Promise<void>;
  /** Tells the leases of an engine to move. */
  readonly evict: (record: EngineRecord) => void;
  /** Ends the leases of an engine, which did not move in time. */
  readonly lapse: (record: EngineRecord) => void;
  /** An engine that was made here took so long to answer. */
  readonly onReady: (startupMs: number) => void;
  /** What can be waited for has changed. */
  readonly onChange: () => void;
}

/** An engine on its way out. */
interface Retirement {
  readonly reason: DrainReason;
  readonly since: number;
  /** Whether its leases end when they have not moved in time. */
  readonly isUrgent: boolean;
  /** Settles when it is gone. */
  readonly gone: PromiseWithResolvers<void>;
}

/** After an outdated engine was replaced, the next one follows so soon. */
const replacePauseMs = 1_000;

/**
 * Observe → desired → plan → apply. Each pass starts from what is known now and never from what was planned before, so
 * a lost event or a failed call costs time and nothing else. Passes are synchronous; what they begin wakes the next.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #gate: ProvisioningGate;
  readonly #builder: EngineBuilder;
  readonly #remover: EngineRemover;
  readonly #reprovision: Reprovision;
  readonly #diagnoses: StartDiagnoses;
  readonly #retirements = new Map<string, Retirement>();
  /** Engines that were made here and have not answered yet. */
  readonly #expected = new Map<string, Purpose>();
  /** Made here, since this process began. */
  readonly #made = new Set<string>();
  /** The number of engines in manual mode, once that is known. */
  #fixed: number | undefined;
  /** What {@link scale} asked for in automatic mode. */
  #floor = 0;
  #cooldownUntil = Number.NEGATIVE_INFINITY;
  #pauseUntil = Number.NEGATIVE_INFINITY;
  #runtimeFailure: { readonly message: string; readonly since: number } | undefined;
  #isWoken = false;
  #isReady = false;
  #closed = false;
  #cancelTimer: () => void = () => {};

  constructor(options: ReconcilerOptions) {
    const { clock, runtime, hooks, limits, refresh, pool } = options;
    this.#options = options;
    this.#gate = new ProvisioningGate({
      clock,
      limits,
      onBreaker: (breaker, from, to, lastFailure) => {
        tell(hooks, 'breakerChange', { breaker, from, to, lastFailure });
        this.wake();
      },
    });
    this.#builder = new EngineBuilder({
      clock,
      runtime,
      stallMs: limits.startTimeoutMs,
      refresh,
      onProgress: (purpose, progress) => tell(hooks, 'provisionProgress', { purpose, progress }),
    });
    this.#remover = new EngineRemover({
      clock,
      runtime,
      refresh,
      onFailed: (engineId, error) => {
        const record = pool.get(engineId);
        if (record !== undefined) tell(hooks, 'removeFailed', { engine: record.engine, error });
      },
    });
    this.#reprovision = new Reprovision({ clock, hooks });
    this.#diagnoses = new StartDiagnoses({ clock, runtime });
  }

  // ── observe ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Something changed: looks at everything again, soon and once. */
  wake(): void {
    if (this.#isWoken || this.#closed) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      this.#pass();
    });
  }

  /** The runtime was listed. */
  listed(): void {
    const { hooks, clock } = this.#options;
    this.#isReady = true;
    if (this.#runtimeFailure !== undefined) {
      tell(hooks, 'runtimeRecovered', { downMs: clock.now() - this.#runtimeFailure.since });
      this.#runtimeFailure = undefined;
    }
    this.wake();
  }

  /** The runtime could not be listed. */
  unlisted(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#runtimeFailure = { message, since: this.#runtimeFailure?.since ?? this.#options.clock.now() };
    this.#options.onChange();
  }

  /** An engine answers, again or for the first time, or no longer. */
  healthChanged(record: EngineRecord): void {
    const { id } = record.engine;
    const purpose = this.#expected.get(id);
    if (purpose !== undefined && record.health.health === 'healthy') {
      this.#expected.delete(id);
      this.#gate.worked(purpose);
      const startupMs = this.#options.clock.now() - record.foundAt;
      this.#options.onReady(startupMs);
      tell(this.#options.hooks, 'engineReady', { engine: record.engine, startupMs });
    }
    this.wake();
  }

  /** The process of an engine ended, or the engine is gone. */
  lost(record: EngineRecord): void {
    const { id, name } = record.engine;
    this.#remover.forget(id);
    if (!this.#expected.has(id) || this.#remover.jobOf(id) !== undefined) return;
    this.#failedToStart(id, new Error(`The engine ${name} ended before it was ready`));
  }

  /** What the runtime makes, or how much is wanted, has changed. */
  reconfigured(): void {
    this.#gate.retrySoon();
    if (this.#options.settings().mode === 'auto') this.#fixed = undefined;
    this.#floor = 0;
    this.wake();
  }

  // ── plan and apply ─────────────────────────────────────────────────────────────────────────────────────────────

  #pass(): void {
    const { runtime } = this.#options;
    if (this.#closed || !runtime.canProvision || !this.#isReady) return;
    this.#forgetGone();
    const actual = this.#observe();
    const desired = this.#desired(actual);
    if (this.#runtimeFailure === undefined) {
      for (const action of plan(actual, desired)) this.#apply(action);
      this.#reprovision.check((id) => this.#options.pool.get(id) !== undefined, this.#builder.builds.size > 0);
    }
    this.#schedule(actual);
    this.#options.onChange();
  }

  #observe(): Actual {
    const { clock, pool, limits, settings } = this.#options;
    const now = clock.now();
    const { general, replacement } = this.#gate.allowance();
    const view = {
      now,
      idleGraceMs: settings().idleGraceMs,
      startTimeoutMs: limits.startTimeoutMs,
      replaceAfterMs: limits.replaceAfterMs,
      jobOf: (id: string) => this.#remover.jobOf(id),
      isRetiring: (id: string) => this.#retirements.has(id),
      isMadeHere: (id: string) => this.#made.has(id),
      mustBeReplaced: (id: string) => this.#reprovision.has(id),
    };
    const engines = [...pool.records()]
      .filter((record) => !this.#isBeingBuilt(record))
      .map((record) => describeForPlan(record, view));
    return {
      engines,
      creating: this.#builder.builds.size,
      creationsLeft: general,
      replacementsLeft: replacement,
      cooldownLeftMs: Math.max(0, this.#cooldownUntil - now),
      pauseLeftMs: Math.max(0, this.#pauseUntil - now),
    };
  }

  /** A listing may show an engine before the call that makes it has returned: then it counts as being made. */
  #isBeingBuilt(record: EngineRecord): boolean {
    for (const { engineId, startedAt } of this.#builder.builds) {
      if (engineId === record.engine.id) return true;
      if (engineId === undefined && !record.running && record.foundAt >= startedAt) return true;
    }
    return false;
  }

  #desired(actual: Actual): Desired {
    const { settings, limits, waiting } = this.#options;
    const { mode, minReplicas, freeReplicas, maxReplicas, maxLeasesPerEngine } = settings();
    if (mode === 'manual') this.#fixed ??= actual.engines.filter(counts).length + actual.creating;
    const minimum = mode === 'auto' ? Math.max(minReplicas, this.#floor) : minReplicas;
    return desiredEngines(actual, waiting(), {
      minReplicas: Math.min(minimum, maxReplicas),
      freeReplicas,
      maxReplicas,
      maxLeasesPerEngine,
      burst: limits.burst,
      fixed: mode === 'manual' ? this.#fixed : undefined,
    });
  }

  #apply(action: Action): void {
    const { pool, hooks, settings, clock, limits } = this.#options;
    if (action.type === 'create') {
      // What is being removed still exists: its place is taken once it is gone.
      if (this.#total() < settings().maxReplicas) this.#create({}, action.purpose).catch(() => {});
      return;
    }
    const record = pool.get(action.engineId);
    if (record === undefined) return;
    const { reason } = action;
    if (reason === 'unhealthy' || reason === 'outdated') {
      tell(hooks, 'replaceStart', { engine: record.engine, reason });
      this.#pauseUntil = clock.now() + replacePauseMs;
      if (reason === 'unhealthy') this.#cooldownUntil = clock.now() + limits.replaceCooldownMs;
    }
    if (action.type === 'retire') this.#retire(record, action.reason, reason !== 'outdated');
    else if (action.reason === 'start_failed') this.#giveUpStart(record);
    else this.#remove(record, action.reason);
  }

  /** Engines that exist or are being made. */
  #total(): number {
    const listed = [...this.#options.pool.records()].filter((record) => !this.#isBeingBuilt(record)).length;
    return listed + this.#builder.builds.size;
  }

  #create(request: EngineRequest, purpose: Purpose): Promise<RuntimeEngine> {
    const { clock, hooks } = this.#options;
    const startedAt = clock.now();
    this.#gate.began(purpose);
    tell(hooks, 'provisionStart', { purpose });
    return this.#builder.build(request, purpose, (result) => {
      const durationMs = clock.now() - startedAt;
      if ('engine' in result) this.#built(result.engine, purpose, durationMs);
      else {
        if (this.#closed) this.#gate.withdrawn(purpose);
        else this.#gate.failed(purpose, result.error);
        tell(hooks, 'provisionFailed', { purpose, error: result.error, durationMs });
      }
      this.wake();
    });
  }

  #built(engine: RuntimeEngine, purpose: Purpose, durationMs: number): void {
    const { hooks, pool } = this.#options;
    const { id, name, host, port, labels, forwarded } = engine;
    this.#made.add(id);
    this.#reprovision.made();
    const record = pool.get(id);
    tell(hooks, 'provisionEnd', {
      purpose,
      engine: record?.engine ?? Object.freeze({ id, name, host, port, labels, forwarded }),
      durationMs,
    });
    this.#expected.set(id, purpose);
    if (record === undefined || !record.running) {
      this.#failedToStart(id, new Error(`The engine ${name} ended as soon as it was started`));
    } else this.healthChanged(record);
  }

  #failedToStart(engineId: string, error: Error): void {
    const purpose = this.#expected.get(engineId);
    if (purpose === undefined) return;
    this.#expected.delete(engineId);
    this.#gate.failed(purpose, error);
    tell(this.#options.hooks, 'provisionFailed', { purpose, error, durationMs: 0 });
    this.wake();
  }

  #retire(record: EngineRecord, reason: DrainReason, isUrgent: boolean): Retirement {
    const { clock, evict, hooks } = this.#options;
    const { id } = record.engine;
    const before = this.#retirements.get(id);
    if (before !== undefined) return before;
    const retirement: Retirement = { reason, since: clock.now(), isUrgent, gone: Promise.withResolvers() };
    this.#retirements.set(id, retirement);
    record.draining = true;
    tell(hooks, 'drainStart', { engine: record.engine, reason, leases: record.holds.size });
    evict(record);
    return retirement;
  }

  /** It was not ready in time: it is looked at while it is still there, and goes unless it is ready by then. */
  #giveUpStart(record: EngineRecord): void {
    const { pool, limits } = this.#options;
    const { id, name } = record.engine;
    this.#diagnoses.ask(id, (found) => {
      if (pool.get(id) !== record || record.health.health === 'healthy') return this.wake();
      const why = record.health.reason ?? 'no answer';
      const generic = `The engine ${name} was not ready within ${limits.startTimeoutMs} ms: ${why}`;
      // Only its words: whether it may go better the next time is not known, so it is tried again.
      this.#failedToStart(id, new Error(found?.message ?? generic, { cause: found }));
      this.#remove(record, 'start_failed');
    });
  }

  #remove(record: EngineRecord, reason: RemoveReason): void {
    const { hooks } = this.#options;
    const { id } = record.engine;
    // From here on nothing may be reserved there.
    record.draining = true;
    const told = reason === 'emptied' ? removalOf(this.#retirements.get(id)?.reason) : reason;
    void this.#remover.remove(id).then((isGone) => {
      if (isGone) tell(hooks, 'engineRemoved', { engine: record.engine, reason: told });
      this.wake();
    });
  }

  #forgetGone(): void {
    const { pool, clock, limits, lapse } = this.#options;
    for (const [id, { since, isUrgent, gone }] of this.#retirements) {
      const record = pool.get(id);
      if (record === undefined) {
        this.#retirements.delete(id);
        gone.resolve();
      } else if (isUrgent && record.holds.size > 0 && clock.now() - since >= limits.drainTimeoutMs) lapse(record);
    }
    for (const id of this.#made) if (pool.get(id) === undefined) this.#made.delete(id);
    for (const [id, purpose] of this.#expected) {
      if (pool.get(id) !== undefined) continue;
      this.#expected.delete(id);
      this.#gate.withdrawn(purpose);
    }
  }

  /** Time passing is an event, too. */
  #schedule({ engines, cooldownLeftMs, pauseLeftMs }: Actual): void {
    const { clock, limits } = this.#options;
    const drains = [...this.#retirements.values()]
      .filter(({ isUrgent }) => isUrgent)
      .map(({ since }) => since + limits.drainTimeoutMs - clock.now());
    const times = engines.flatMap((engine) => [
      engine.phase === 'ready' && engine.leases === 0 ? engine.idleLeftMs : 0,
      engine.phase === 'unhealthy' ? engine.replaceLeftMs : 0,
      engine.phase === 'starting' ? engine.startLeftMs : 0,
    ]);
    const due = [...times, ...drains, ...this.#gate.dueInMs(), cooldownLeftMs, pauseLeftMs].filter((ms) => ms > 0);
    this.#cancelTimer();
    if (due.length > 0 && !this.#closed) this.#cancelTimer = clock.after(Math.min(...due), () => this.wake());
  }

  // ── what is asked for ──────────────────────────────────────────────────────────────────────────────────────────

  /** Makes an engine because somebody asked for it. */
  async provision(request: EngineRequest): Promise<RuntimeEngine> {
    const blocked = this.#fullBlock() ?? this.blocked();
    // A pause after a failure is for the loop: who asks may try.
    if (blocked !== undefined && !(blocked.code === 'general_error' && blocked.canRetry)) throw blockedError(blocked);
    if (this.#fixed !== undefined) this.#fixed += 1;
    try {
      return await this.#create(request, 'request');
    } catch (error) {
      if (this.#fixed !== undefined) this.#fixed -= 1;
      const after = this.blocked();
      throw blockedError(
        after ?? {
          code: 'general_error',
          message: error instanceof Error ? error.message : String(error),
          recoveryEtaSeconds: undefined,
          canRetry: true,
          shouldWait: false,
        },
        error,
      );
    }
  }

  /** Removes what the plan would remove if every grace were over. */
  collectIdle(): readonly string[] {
    if (!this.#options.runtime.canProvision || !this.#isReady || this.#closed) return [];
    const actual = this.#observe();
    const engines = actual.engines.map((engine) => ({ ...engine, idleLeftMs: 0 }));
    const actions = plan({ ...actual, engines }, this.#desired(actual));
    const idle = actions.filter((action) => action.type === 'remove' && action.reason === 'idle');
    for (const action of idle) this.#apply(action);
    return idle.flatMap((action) => (action.type === 'remove' ? [action.engineId] : []));
  }

  /** Empties an engine and removes it. Resolves when it is gone; undefined for an unknown engine. */
  retire(engineId: string): Promise<void> | undefined {
    const record = this.#options.pool.get(engineId);
    if (record === undefined) return undefined;
    if (this.#fixed !== undefined && !this.#retirements.has(engineId)) this.#fixed = Math.max(0, this.#fixed - 1);
    const { gone } = this.#retire(record, 'request', true);
    this.wake();
    return gone.promise;
  }

  /** Starts the process of an engine anew. Resolves with whether that worked; undefined for an unknown engine. */
  restart(engineId: string): Promise<boolean> | undefined {
    const { pool, hooks, evict } = this.#options;
    const record = pool.get(engineId);
    if (record === undefined || this.#retirements.has(engineId)) return undefined;
    tell(hooks, 'drainStart', { engine: record.engine, reason: 'restart', leases: record.holds.size });
    const wasDraining = record.draining;
    record.draining = true;
    evict(record);
    return this.#remover.restart(engineId).then((worked) => {
      const restarted = pool.get(engineId);
      if (restarted !== undefined) restarted.draining = wasDraining;
      if (restarted !== undefined && worked) tell(hooks, 'engineRestarted', { engine: restarted.engine });
      this.wake();
      return worked;
    });
  }

  /** Keeps so many engines: exactly in manual mode, at least in automatic mode. */
  scale(count: number): void {
    if (this.#options.settings().mode === 'manual') this.#fixed = count;
    else this.#floor = count;
    this.wake();
  }

  /** Whether an engine is on its way out. */
  isRetiring(engineId: string): boolean {
    return this.#retirements.has(engineId);
  }

  startReprovision(): void {
    if (this.#reprovision.inProgress) {
      throw new OrchestratorError('reprovision_running', 'Engines are being replaced already');
    }
    const records = [...this.#options.pool.records()];
    const outdated = records.filter((record) => record.outdated !== undefined);
    const replaced = outdated.length > 0 ? outdated : records;
    this.#gate.retrySoon();
    this.#reprovision.start(replaced.map(({ engine }) => engine.id));
    this.wake();
  }

  reprovisionStatus(): ReprovisionStatus {
    const isMoving =
      this.#builder.builds.size > 0 || this.#retirements.size > 0 || this.#isWoken || this.#expected.size > 0;
    return this.#reprovision.status(isMoving, this.blocked()?.message);
  }

  resetBreakers(name?: BreakerName): void {
    this.#gate.reset(name);
    this.wake();
  }

  /** Why no engine can be made now. */
  blocked(): ProvisioningBlock | undefined {
    const { runtime } = this.#options;
    if (!runtime.canProvision) {
      return cannot('These engines are run by somebody else; none can be made here.');
    }
    if (this.#runtimeFailure !== undefined) {
      const { message } = this.#runtimeFailure;
      return { code: 'general_error', message, recoveryEtaSeconds: 30, canRetry: true, shouldWait: true };
    }
    return this.#gate.block() ?? this.#fullBlock();
  }

  #fullBlock(): ProvisioningBlock | undefined {
    const { maxReplicas } = this.#options.settings();
    const total = this.#total();
    if (total < maxReplicas || !this.#options.runtime.canProvision) return undefined;
    const message = `There are ${total} engines, and at most ${maxReplicas} may be`;
    return { code: 'max_capacity', message, recoveryEtaSeconds: undefined, canRetry: true, shouldWait: false };
  }

  status(): ProvisioningStatus {
    const { clock } = this.#options;
    const blocked = this.blocked();
    const ageMs = ({ startedAt }: Build): number => clock.now() - startedAt;
    return Object.freeze({
      canProvision: blocked === undefined,
      blocked,
      breakers: this.#gate.breakers(),
      desired: this.#options.runtime.canProvision ? this.#desired(this.#observe()).engines : this.#options.pool.size,
      jobs: Object.freeze(
        [...this.#builder.builds].map((build) =>
          Object.freeze({
            purpose: build.purpose,
            startedAt: clock.wallNow() - ageMs(build),
            engineId: build.engineId,
            progress: build.progress,
          }),
        ),
      ),
      runtimeFailure: this.#runtimeFailure?.message,
      lastFailure: this.#gate.lastFailure,
    });
  }

  /** Whether engines are being made, or have not answered yet. */
  get isGrowing(): boolean {
    return this.#builder.builds.size > 0 || this.#expected.size > 0;
  }

  /** Whether an engine was made here and has not answered yet. */
  isExpected(engineId: string): boolean {
    return this.#expected.has(engineId);
  }

  /** Begins nothing more, and gives up what is being made. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer();
    this.#diagnoses.close();
    await Promise.all([this.#builder.close(), this.#remover.close()]);
    for (const { gone } of this.#retirements.values()) gone.resolve();
  }
}

function removalOf(reason: DrainReason | undefined): RemoveReason {
  return reason === undefined || reason === 'restart' ? 'emptied' : reason;
}

function cannot(message: string): ProvisioningBlock {
  return { code: 'general_error', message, recoveryEtaSeconds: undefined, canRetry: false, shouldWait: false };
}

function blockedError(blocked: ProvisioningBlock, cause?: unknown): OrchestratorError {
  return new OrchestratorError('provisioning_blocked', blocked.message, {
    cause,
    retryable: blocked.canRetry,
    recoveryEtaSeconds: blocked.recoveryEtaSeconds,
    blocked,
  });
}
