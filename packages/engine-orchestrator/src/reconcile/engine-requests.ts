import { OrchestratorError } from '../orchestrator-error.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import type { EngineRequest, RuntimeEngine } from '../runtime/engine-runtime.ts';
import type { Arrivals } from './arrivals.ts';
import type { Departures } from './departures.ts';
import type { ReprovisionStatus } from './provisioning.ts';
import type { ProvisioningGate } from './provisioning-gate.ts';
import { blockedError, type ProvisioningReport } from './provisioning-report.ts';
import type { Reconciler } from './reconciler.ts';
import type { Reprovision } from './reprovision.ts';
import type { ScaleTarget } from './scale-target.ts';

export interface RequestsOptions {
  readonly pool: EnginePool;
  readonly gate: ProvisioningGate;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  readonly target: ScaleTarget;
  readonly reprovision: Reprovision;
  readonly report: ProvisioningReport;
  readonly loop: Reconciler;
}

/** What somebody asks for, rather than what the demand asks for. The loop takes it from there. */
export class EngineRequests {
  readonly #options: RequestsOptions;

  constructor(options: RequestsOptions) {
    this.#options = options;
  }

  /** Makes an engine. Resolves when it exists and runs; rejects with `provisioning_blocked`. */
  async provision(request: EngineRequest): Promise<RuntimeEngine> {
    const { report, target, arrivals } = this.#options;
    const blocked = report.full() ?? report.blocked();
    // A pause after a failure is for the loop: who asks may try.
    if (blocked !== undefined && !(blocked.code === 'general_error' && blocked.canRetry)) throw blockedError(blocked);
    try {
      const engine = await arrivals.create(request, 'request');
      target.add(1);
      return engine;
    } catch (error) {
      throw report.refusal(error);
    }
  }

  /** Empties an engine and removes it. Resolves when it is gone; undefined for an unknown engine. */
  retire(engineId: string): Promise<void> | undefined {
    const { pool, target, departures, loop } = this.#options;
    const record = pool.get(engineId);
    if (record === undefined) return undefined;
    if (!departures.isRetiring(engineId)) target.add(-1);
    const gone = departures.retire(record, 'request', true);
    loop.wake();
    return gone;
  }

  /** Empties an engine and starts its process anew. Resolves with whether that worked; false for an unknown engine. */
  async restart(engineId: string): Promise<boolean> {
    const { pool, departures } = this.#options;
    const record = pool.get(engineId);
    if (record === undefined || departures.isRetiring(engineId)) return false;
    return departures.restart(record);
  }

  /** Keeps so many engines: exactly in manual mode, at least in automatic mode. */
  scale(count: number): void {
    this.#options.target.set(count);
    this.#options.loop.wake();
  }

  /** Replaces the outdated engines, or all when none is. Throws `reprovision_running`. */
  reprovision(): void {
    const { reprovision, pool, gate, loop } = this.#options;
    if (reprovision.inProgress) {
      throw new OrchestratorError('reprovision_running', 'Engines are being replaced already');
    }
    const records = [...pool.records()];
    const outdated = records.filter((record) => record.outdated !== undefined);
    const replaced = outdated.length > 0 ? outdated : records;
    gate.retrySoon();
    reprovision.start(replaced.map(({ engine }) => engine.id));
    loop.wake();
  }

  reprovisionStatus(): ReprovisionStatus {
    const { reprovision, arrivals, departures, report, loop } = this.#options;
    const isMoving = arrivals.isGrowing || departures.isRetiringAny || loop.isWoken;
    return reprovision.status(isMoving, report.blocked()?.message);
  }
}
