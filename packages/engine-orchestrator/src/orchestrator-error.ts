import type { ProvisioningBlock } from './reconcile/provisioning.ts';

export type OrchestratorErrorCode =
  /** Every engine that could serve is full. */
  | 'no_capacity'
  /** No engine could serve: none is known, or all are unhealthy, stopped, draining or excluded. */
  | 'no_engines'
  /** Engines that could serve exist, but none got ready, or gave up its old session of this content, in time. */
  | 'acquire_timeout'
  /** The content was found dead a short while ago; no engine was asked. */
  | 'content_dead'
  /** No engine can be made now; `blocked` says why. */
  | 'provisioning_blocked'
  /** Engines are being replaced already. */
  | 'reprovision_running'
  /** The orchestrator is closed. */
  | 'closed'
  /** Reason of a lease's signal: the engine stopped answering. */
  | 'engine_unhealthy'
  /** Reason of a lease's signal: the engine was stopped, removed or restarted. */
  | 'engine_gone'
  /** Reason of a lease's signal: the engine is to be emptied. */
  | 'engine_draining';

/** What the orchestrator rejects with, and the reason a lease's signal aborts with. */
export class OrchestratorError extends Error {
  readonly code: OrchestratorErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** When to come back, in whole seconds (at least 1); undefined when nothing is known to change. */
  readonly recoveryEtaSeconds: number | undefined;
  /** Why no engine can be made now, where that is part of the reason. */
  readonly blocked: ProvisioningBlock | undefined;

  constructor(
    code: OrchestratorErrorCode,
    message: string,
    options: {
      readonly cause?: unknown;
      readonly retryable?: boolean;
      readonly recoveryEtaSeconds?: number | undefined;
      readonly blocked?: ProvisioningBlock | undefined;
    } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'OrchestratorError';
    this.code = code;
    this.retryable = options.retryable ?? code !== 'closed';
    this.recoveryEtaSeconds = options.recoveryEtaSeconds;
    this.blocked = options.blocked;
  }
}
