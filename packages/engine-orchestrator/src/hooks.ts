import type { Engine, EngineHealth } from './engine.ts';
import type { LeaseOutcome } from './leases/lease.ts';
import type { OrchestratorErrorCode } from './orchestrator-error.ts';
import type { BreakerState } from './reconcile/circuit-breaker.ts';
import type { RemoveReason } from './reconcile/plan.ts';
import type { Purpose } from './reconcile/provisioning.ts';
import type { RuntimeProgress } from './runtime/engine-runtime.ts';
import type { Outdated } from './runtime/outdated.ts';
import type { ScaleSettings } from './scale-settings.ts';

/** Why an engine is emptied: to be replaced or removed, or because somebody asked for it. */
export type DrainReason = 'unhealthy' | 'outdated' | 'network_gone' | 'request' | 'restart';

/** `replacement` guards the replacing of engines, `general` the making of any. */
export type BreakerName = 'general' | 'replacement';

/** Lifecycle, told once per event, synchronously. What a hook throws becomes a process warning and changes nothing. */
export interface OrchestratorHooks {
  engineFound?(event: { engine: Engine }): void;
  /** Its process ended: it was stopped, removed or restarted. */
  engineLost?(event: { engine: Engine }): void;
  /** It is not what would be made now: other settings, a newer image, or a network that is gone. */
  engineOutdated?(event: { engine: Engine; outdated: Outdated }): void;
  healthChange?(event: { engine: Engine; from: EngineHealth; to: EngineHealth; reason: string | undefined }): void;
  leaseStart?(event: { leaseId: string; key: string; engine: Engine; waitedMs: number }): void;
  /** `lapsed`: nobody released it in time after its engine died. */
  leaseEnd?(event: {
    leaseId: string;
    key: string;
    engine: Engine;
    outcome: LeaseOutcome | 'lapsed';
    durationMs: number;
  }): void;
  /** An `acquire` was refused; those that their caller withdrew are not told. */
  leaseRefused?(event: { key: string; code: OrchestratorErrorCode; waitedMs: number }): void;
  /** A content was found dead: it is refused without trying an engine until `untilMs` have passed. */
  contentDead?(event: { key: string; forMs: number; engineIds: readonly string[] }): void;
  /**
   * The runtime could not be listed, or its event stream broke; it is tried again. The engines known stay in use.
   * Or, at the start, what engines that are gone have left behind could not be removed.
   */
  runtimeFailed?(event: { operation: 'list' | 'events' | 'prune'; error: unknown }): void;
  /** The runtime can be listed again after it could not. */
  runtimeRecovered?(event: { downMs: number }): void;
  /** An engine is about to be made. */
  provisionStart?(event: { purpose: Purpose }): void;
  /** How far that has come, as often as the runtime says so. */
  provisionProgress?(event: { purpose: Purpose; progress: RuntimeProgress }): void;
  /** The engine exists and its process runs. Whether it works is told by `engineReady`. */
  provisionEnd?(event: { purpose: Purpose; engine: Engine; durationMs: number }): void;
  provisionFailed?(event: { purpose: Purpose; error: unknown; durationMs: number }): void;
  /** An engine that was made here answers for the first time. */
  engineReady?(event: { engine: Engine; startupMs: number }): void;
  /** An engine takes nothing new, and its leases were told to move. */
  drainStart?(event: { engine: Engine; reason: DrainReason; leases: number }): void;
  /** It takes leases again. */
  drainEnd?(event: { engine: Engine }): void;
  /** It was removed because of `reason`. */
  engineRemoved?(event: { engine: Engine; reason: RemoveReason }): void;
  /** It could not be removed or restarted; that is tried again. */
  removeFailed?(event: { engine: Engine; error: unknown }): void;
  /** Its process was started anew because somebody asked for it. */
  engineRestarted?(event: { engine: Engine }): void;
  /** An engine is taken out of service because it is no good any more; another one takes its place. */
  replaceStart?(event: { engine: Engine; reason: 'unhealthy' | 'outdated' }): void;
  breakerChange?(event: {
    breaker: BreakerName;
    from: BreakerState;
    to: BreakerState;
    lastFailure: string | undefined;
  }): void;
  reprovisionStart?(event: { engines: number }): void;
  reprovisionEnd?(event: { engines: number; durationMs: number }): void;
  settingsChange?(event: { settings: ScaleSettings }): void;
  /** One collection of engines' statistics. */
  statsCollected?(event: { engines: number; durationMs: number; ok: boolean }): void;
}

/** Calls a hook. */
export function tell<Name extends keyof OrchestratorHooks>(
  hooks: OrchestratorHooks,
  name: Name,
  event: Parameters<NonNullable<OrchestratorHooks[Name]>>[0],
): void {
  try {
    (hooks[name] as ((event: unknown) => void) | undefined)?.call(hooks, event);
  } catch (error) {
    warnOfHook(error);
  }
}

/** A listener's fault must not stop the loop or a lease; it is told where uncaught faults belong. */
export function warnOfHook(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : new Error(String(error)));
}
