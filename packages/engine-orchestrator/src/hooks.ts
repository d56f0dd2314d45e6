import type { Engine, EngineHealth } from './engine.ts';
import type { LeaseOutcome } from './leases/lease.ts';
import type { OrchestratorErrorCode } from './orchestrator-error.ts';

/** Lifecycle, told once per event, synchronously. Hooks must not throw; what they throw is dropped. */
export interface OrchestratorHooks {
  engineFound?(event: { engine: Engine }): void;
  /** Its process ended: it was stopped, removed or restarted. */
  engineLost?(event: { engine: Engine }): void;
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
  /** The runtime could not be listed, or its event stream broke; it is tried again. The engines known stay in use. */
  runtimeFailed?(event: { operation: 'list' | 'events'; error: unknown }): void;
}

/** Calls a hook; what it throws stays with whoever wrote it. */
export function tell<Name extends keyof OrchestratorHooks>(
  hooks: OrchestratorHooks,
  name: Name,
  event: Parameters<NonNullable<OrchestratorHooks[Name]>>[0],
): void {
  try {
    (hooks[name] as ((event: unknown) => void) | undefined)?.call(hooks, event);
  } catch {}
}
