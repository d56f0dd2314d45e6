import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import type { EngineRecord } from '../pool/engine-record.ts';
import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import type { ScaleSettings } from '../scale-settings.ts';
import type { Clock } from '../time/clock.ts';
import type { Arrivals } from './arrivals.ts';
import type { Departures } from './departures.ts';
import { describeForPlan } from './describe-pool.ts';
import { desiredEngines } from './desired.ts';
import { PassTimer } from './pass-timer.ts';
import { type Action, plan } from './plan.ts';
import { type Actual, counts, type Desired } from './pool-state.ts';
import type { ProvisioningGate } from './provisioning-gate.ts';
import { ReplacementPace } from './replacement-pace.ts';
import type { Reprovision } from './reprovision.ts';
import type { RuntimeOutage } from './runtime-outage.ts';
import type { ScaleTarget } from './scale-target.ts';
import { StartDiagnoses } from './start-diagnoses.ts';

/** Times of the loop, in milliseconds. */
export interface LoopLimits {
  readonly startTimeoutMs: number;
  readonly replaceAfterMs: number;
  readonly replaceCooldownMs: number;
}

export interface ReconcilerOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly pool: EnginePool;
  readonly hooks: OrchestratorHooks;
  readonly limits: LoopLimits;
  readonly settings: () => ScaleSettings;
  readonly gate: ProvisioningGate;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  readonly target: ScaleTarget;
  readonly reprovision: Reprovision;
  readonly outage: RuntimeOutage;
  /** Requests that no engine of now will serve. */
  readonly waiting: () => number;
  /** What can be waited for has changed. */
  readonly onChange: () => void;
}

/**
 * Observe → desired → plan → apply. Each pass starts from what is known now and never from what was planned before, so
 * a lost event or a failed call costs time and nothing else. Passes are synchronous; what they begin wakes the next.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #timer: PassTimer;
  readonly #pace: ReplacementPace;
  readonly #diagnoses: StartDiagnoses;
  /** Before the first listing nothing is known, and nothing is done. */
  #isListed = false;
  #closed = false;

  constructor(options: ReconcilerOptions) {
    const { clock, runtime, limits } = options;
    this.#options = options;
    this.#timer = new PassTimer({ clock, pass: () => this.#pass() });
    this.#pace = new ReplacementPace({ clock, cooldownMs: limits.replaceCooldownMs });
    this.#diagnoses = new StartDiagnoses({ clock, runtime });
  }

  /** Something changed: looks at everything again, soon and once. */
  wake(): void {
    this.#timer.wake();
  }

  /** Whether a pass is about to begin. */
  get isWoken(): boolean {
    return this.#timer.isWoken;
  }

  /** The runtime was listed. */
  listed(): void {
    this.#isListed = true;
    this.#options.outage.ended();
    this.wake();
  }

  /** How many engines there should be now. */
  desired(): number {
    const { runtime, pool, clock } = this.#options;
    return runtime.canProvision ? this.#desired(this.#observe(clock.now())).engines : pool.size;
  }

  /** Removes what the plan would remove if every grace were over. Returns the ids. */
  collectIdle(): readonly string[] {
    if (!this.#isActive || this.#options.outage.message !== undefined) return [];
    const actual = this.#observe(this.#options.clock.now());
    const engines = actual.engines.map((engine) => ({ ...engine, idleLeftMs: 0 }));
    const actions = plan({ ...actual, engines }, this.#desired(actual));
    const idle = actions.filter((action) => action.type === 'remove' && action.reason === 'idle');
    for (const action of idle) this.#apply(action);
    return idle.flatMap((action) => (action.type === 'remove' ? [action.engineId] : []));
  }

  /** Begins nothing more. */
  close(): void {
    this.#closed = true;
    this.#timer.close();
    this.#diagnoses.close();
  }

  get #isActive(): boolean {
    return this.#options.runtime.canProvision && this.#isListed && !this.#closed;
  }

  #pass(): void {
    const { clock, arrivals, departures, outage, reprovision, target, pool, onChange } = this.#options;
    if (!this.#isActive) return;
    // One moment for the whole pass: what falls due while it runs is not due in it, and has to wake the next.
    const now = clock.now();
    departures.review(now);
    arrivals.forgetGone();
    const actual = this.#observe(now);
    target.settle(countPresent(actual));
    const desired = this.#desired(actual);
    if (outage.message === undefined) {
      for (const action of plan(actual, desired)) this.#apply(action);
      reprovision.check((id) => pool.get(id) !== undefined, arrivals.builds.size > 0);
    }
    this.#timer.wakeIn(this.#dueInMs(actual, now));
    onChange();
  }

  #observe(now: number): Actual {
    const { arrivals, departures, gate, limits, settings, reprovision } = this.#options;
    const { general, replacement } = gate.allowance(now);
    const view = {
      now,
      idleGraceMs: settings().idleGraceMs,
      startTimeoutMs: limits.startTimeoutMs,
      replaceAfterMs: limits.replaceAfterMs,
      jobOf: (id: string) => departures.jobOf(id),
      isRetiring: (id: string) => departures.isRetiring(id),
      isUnhurried: (id: string) => departures.isUnhurried(id),
      isMadeHere: (id: string) => arrivals.isMadeHere(id),
      mustBeReplaced: (id: string) => reprovision.has(id),
    };
    return {
      engines: arrivals.present().map((record) => describeForPlan(record, view)),
      creating: arrivals.builds.size,
      creationsLeft: general,
      replacementsLeft: replacement,
      ...this.#pace.left(now),
    };
  }

  #desired(actual: Actual): Desired {
    const { waiting, target } = this.#options;
    return desiredEngines(actual, waiting(), target.rules(countPresent(actual)));
  }

  #apply(action: Action): void {
    const { pool, hooks, settings, arrivals, departures } = this.#options;
    if (action.type === 'create') {
      // What is being removed still exists: its place is taken once it is gone.
      if (arrivals.total < settings().maxReplicas) arrivals.create({}, action.purpose).catch(() => {});
      return;
    }
    const record = pool.get(action.engineId);
    if (record === undefined) return;
    const { reason } = action;
    if (reason === 'unhealthy' || reason === 'outdated') {
      tell(hooks, 'replaceStart', { engine: record.engine, reason });
      this.#pace.began(reason);
    }
    if (action.type === 'retire') void departures.retire(record, action.reason, reason !== 'outdated');
    else if (action.reason === 'start_failed') this.#giveUpStart(record);
    else departures.remove(record, action.reason);
  }

  /** It was not ready in time: it is looked at while it is still there, and goes unless it is ready by then. */
  #giveUpStart(record: EngineRecord): void {
    const { pool, limits, arrivals, departures } = this.#options;
    const { id, name } = record.engine;
    this.#diagnoses.ask(id, (found) => {
      if (pool.get(id) !== record || record.health.health === 'healthy') return this.wake();
      const why = record.health.reason ?? 'no answer';
      const generic = `The engine ${name} was not ready within ${limits.startTimeoutMs} ms: ${why}`;
      // Only its words: whether it may go better the next time is not known, so it is tried again.
      arrivals.failed(id, new Error(found?.message ?? generic, { cause: found }));
      departures.remove(record, 'start_failed');
    });
  }

  /** Time passing is an event, too. */
  #dueInMs({ engines, cooldownLeftMs, pauseLeftMs }: Actual, now: number): number[] {
    const { departures, gate } = this.#options;
    const times = engines.flatMap((engine) => [
      engine.phase === 'ready' && engine.leases === 0 ? engine.idleLeftMs : 0,
      engine.phase === 'unhealthy' ? engine.replaceLeftMs : 0,
      engine.phase === 'starting' ? engine.startLeftMs : 0,
    ]);
    return [...times, ...departures.dueInMs(now), ...gate.dueInMs(now), cooldownLeftMs, pauseLeftMs];
  }
}

function countPresent({ engines, creating }: Actual): number {
  return engines.filter(counts).length + creating;
}
