export type OrchestratorErrorCode =
  /** Every engine that could serve is full. */
  | 'no_capacity'
  /** No engine could serve: none is known, or all are unhealthy, stopped, draining or excluded. */
  | 'no_engines'
  /** Engines that could serve exist, but none got ready, or gave up its old session of this content, in time. */
  | 'acquire_timeout'
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

  constructor(
    code: OrchestratorErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean; recoveryEtaSeconds?: number | undefined } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'OrchestratorError';
    this.code = code;
    this.retryable = options.retryable ?? code !== 'closed';
    this.recoveryEtaSeconds = options.recoveryEtaSeconds;
  }
}
