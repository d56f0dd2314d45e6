import { OrchestratorError } from '../orchestrator-error.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import type { ProvisioningBlock } from '../reconcile/provisioning.ts';
import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import type { LeaseLedger, LeaseRequest } from './lease-ledger.ts';
import { explainRefusal } from './refusal.ts';

export interface ProspectsOptions {
  readonly runtime: EngineRuntime;
  readonly pool: EnginePool;
  readonly ledger: LeaseLedger;
  /** What is said when all engines are full, and none can be made. */
  readonly retryAfterMs: number;
  /** Whether the pool shows what there is. */
  readonly wasListed: () => boolean;
  /** Whether engines are being made, or have not answered yet. */
  readonly isGrowing: () => boolean;
  /** Why no engine can be made now. */
  readonly blocked: () => ProvisioningBlock | undefined;
  /** Milliseconds until the next probe of an engine. */
  readonly nextProbeInMs: (engineId: string) => number | undefined;
}

/** How long an engine takes to become ready, while none of this process has shown it yet. */
const assumedStartupMs = 10_000;

/** What somebody who asks for a lease may hope for: whether waiting can help, and when to come back. */
export class Prospects {
  readonly #options: ProspectsOptions;
  #startupMs = assumedStartupMs;

  constructor(options: ProspectsOptions) {
    this.#options = options;
  }

  /** An engine took so long to become ready: the next one is expected to as well. */
  learn(startupMs: number): void {
    this.#startupMs = startupMs;
  }

  /** No engine that this request may use exists, and none can appear. */
  isHopeless({ exclude }: LeaseRequest): boolean {
    const { runtime, pool, wasListed, isGrowing, blocked } = this.#options;
    if (![...pool.records()].every((record) => exclude.has(record.engine.id))) return false;
    if (!runtime.canProvision) return wasListed() && runtime.events === undefined;
    const block = blocked();
    // Before the first listing there may be engines, unless nobody can look for them.
    return !isGrowing() && block?.shouldWait === false && (wasListed() || !block.canRetry);
  }

  /** The error of a request that is refused now. */
  refusal(request: LeaseRequest): OrchestratorError {
    const { ledger, runtime, retryAfterMs, blocked: findBlock } = this.#options;
    const deadForMs = request.evenIfDead ? 0 : ledger.deadForMs(request);
    if (deadForMs > 0) {
      const message = `${request.key} was found dead a short while ago, and is not tried again yet`;
      return new OrchestratorError('content_dead', message, { recoveryEtaSeconds: inSeconds(deadForMs) });
    }
    const { code, message } = explainRefusal(request.key, ledger.obstacles(request));
    if (!runtime.canProvision) {
      const etaMs = code === 'no_capacity' ? retryAfterMs : this.#nextProbeInMs(request);
      return new OrchestratorError(code, message, { recoveryEtaSeconds: inSeconds(etaMs) });
    }
    const blocked = findBlock();
    // Where as many engines exist as may be, one of them may be ready sooner than a slot is free.
    const knownEta = blocked?.code === 'max_capacity' ? undefined : blocked?.recoveryEtaSeconds;
    return new OrchestratorError(code, blocked === undefined ? message : `${message}. ${blocked.message}`, {
      blocked,
      recoveryEtaSeconds: knownEta ?? inSeconds(this.#nextSlotInMs(blocked !== undefined)),
    });
  }

  /** A guess: an engine that starts is ready soon, one that can be made takes as long as the last one did. */
  #nextSlotInMs(isBlocked: boolean): number {
    return this.#options.isGrowing() || !isBlocked ? this.#startupMs : this.#options.retryAfterMs;
  }

  #nextProbeInMs({ exclude }: LeaseRequest): number | undefined {
    const { pool, nextProbeInMs } = this.#options;
    const delays = [...pool.records()]
      .filter((record) => !exclude.has(record.engine.id))
      .map((record) => nextProbeInMs(record.engine.id))
      .filter((ms) => ms !== undefined);
    return delays.length === 0 ? undefined : Math.min(...delays);
  }
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(1, Math.ceil(ms / 1_000));
}
