import type { RuntimeProgress } from '../runtime/engine-runtime.ts';
import type { BreakerStatus } from './circuit-breaker.ts';

/** What an engine is made for: the demand, the place of another one, or because somebody asked for it. */
export type Purpose = 'scale' | 'replace' | 'request';

export type ProvisioningCode =
  /** The network that engines are to be made in does not run. */
  | 'vpn_disconnected'
  | 'vpn_error'
  /** Making engines failed too often; it is tried again later. */
  | 'circuit_breaker'
  /** There are as many as may be. */
  | 'max_capacity'
  | 'general_error';

/** Why no engine can be made now. */
export interface ProvisioningBlock {
  readonly code: ProvisioningCode;
  /** For people. */
  readonly message: string;
  /** When that may be different; undefined when nothing is known to change. */
  readonly recoveryEtaSeconds: number | undefined;
  /** Whether it goes away without anybody changing something. */
  readonly canRetry: boolean;
  /** Whether it is worth waiting for, rather than coming back later. */
  readonly shouldWait: boolean;
}

/** An engine that is being made. Frozen. */
export interface ProvisioningJob {
  readonly purpose: Purpose;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Known once it exists. */
  readonly engineId: string | undefined;
  /** Such as an image that is being downloaded. */
  readonly progress: RuntimeProgress | undefined;
}

/** What the loop is about. A frozen snapshot. */
export interface ProvisioningStatus {
  readonly canProvision: boolean;
  readonly blocked: ProvisioningBlock | undefined;
  readonly breakers: { readonly general: BreakerStatus; readonly replacement: BreakerStatus };
  /** How many engines there should be now. */
  readonly desired: number;
  readonly jobs: readonly ProvisioningJob[];
  /** Why the runtime cannot be reached; undefined while it can. */
  readonly runtimeFailure: string | undefined;
  /** The last engine that could not be made or did not work. */
  readonly lastFailure: { readonly at: number; readonly message: string } | undefined;
}

/** A rolling replacement that somebody asked for. A frozen snapshot. */
export interface ReprovisionStatus {
  readonly inProgress: boolean;
  /**
   * `idle`: none was asked for yet. `replacing`: an engine is being made or emptied. `waiting`: streams have nowhere to
   * go, or making engines is blocked; it goes on by itself. `done`.
   */
  readonly phase: 'idle' | 'replacing' | 'waiting' | 'done';
  readonly totalEngines: number;
  /** Of those, how many are gone. */
  readonly enginesStopped: number;
  /** Engines made since it began. */
  readonly enginesProvisioned: number;
  readonly message: string;
}
