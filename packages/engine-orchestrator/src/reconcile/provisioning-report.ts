import { OrchestratorError } from '../orchestrator-error.ts';
import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import type { ScaleSettings } from '../scale-settings.ts';
import type { Clock } from '../time/clock.ts';
import type { Arrivals } from './arrivals.ts';
import type { ProvisioningBlock, ProvisioningStatus } from './provisioning.ts';
import type { ProvisioningGate } from './provisioning-gate.ts';
import type { Reconciler } from './reconciler.ts';
import type { RuntimeOutage } from './runtime-outage.ts';

export interface ReportOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly settings: () => ScaleSettings;
  /** When to come back where only the end of a stream can help. */
  readonly retryAfterMs: number;
  readonly gate: ProvisioningGate;
  readonly arrivals: Arrivals;
  readonly outage: RuntimeOutage;
  readonly loop: Reconciler;
}

const outageEtaSeconds = 30;

/** Says whether engines can be made, why not, and what is being made. */
export class ProvisioningReport {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  /** Why no engine can be made now. */
  blocked(): ProvisioningBlock | undefined {
    const { runtime, gate, outage } = this.#options;
    if (!runtime.canProvision) {
      return describe('These engines are run by somebody else; none can be made here.', { canRetry: false });
    }
    if (outage.message !== undefined) {
      const mayPass = !outage.isLasting;
      const facts = { canRetry: mayPass, shouldWait: mayPass, recoveryEtaSeconds: outageEtaSeconds };
      return describe(outage.message, facts);
    }
    return gate.block() ?? this.full();
  }

  /** Whether there are as many engines as may be, as a reason. */
  full(): ProvisioningBlock | undefined {
    const { settings, arrivals, runtime, retryAfterMs } = this.#options;
    const { maxReplicas } = settings();
    const { total } = arrivals;
    if (total < maxReplicas || !runtime.canProvision) return undefined;
    const message = `There are as many engines as may be: ${total}, with a maximum of ${maxReplicas}`;
    const recoveryEtaSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
    return describe(message, { code: 'max_capacity', canRetry: true, recoveryEtaSeconds });
  }

  /** The error of a request for an engine that cannot be made, for its own reason where nothing else is in the way. */
  refusal(error: unknown): OrchestratorError {
    if (error instanceof OrchestratorError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return blockedError(this.blocked() ?? describe(message, { canRetry: true }), error);
  }

  status(): ProvisioningStatus {
    const { clock, gate, arrivals, outage, loop } = this.#options;
    const blocked = this.blocked();
    return Object.freeze({
      canProvision: blocked === undefined,
      blocked,
      breakers: gate.breakers(),
      desired: loop.desired(),
      jobs: Object.freeze(
        [...arrivals.builds].map(({ purpose, startedAt, engineId, progress }) =>
          Object.freeze({ purpose, startedAt: clock.wallNow() - (clock.now() - startedAt), engineId, progress }),
        ),
      ),
      runtimeFailure: outage.message,
      lastFailure: gate.lastFailure,
    });
  }
}

export function blockedError(blocked: ProvisioningBlock, cause?: unknown): OrchestratorError {
  return new OrchestratorError('provisioning_blocked', blocked.message, {
    cause,
    retryable: blocked.canRetry,
    recoveryEtaSeconds: blocked.recoveryEtaSeconds,
    blocked,
  });
}

function describe(message: string, facts: Partial<ProvisioningBlock>): ProvisioningBlock {
  return {
    code: 'general_error',
    message,
    recoveryEtaSeconds: undefined,
    canRetry: false,
    shouldWait: false,
    ...facts,
  };
}
