import type { EngineRecord } from '../pool/engine-record.ts';
import type { ActualEngine, EnginePhase } from './pool-state.ts';

export interface PoolView {
  readonly now: number;
  readonly idleGraceMs: number;
  /** How long an engine that was made here may take to become ready. */
  readonly startTimeoutMs: number;
  /** How long an engine is unhealthy before it is replaced. */
  readonly replaceAfterMs: number;
  /** What is being done to it. */
  readonly jobOf: (engineId: string) => 'remove' | 'restart' | undefined;
  readonly isRetiring: (engineId: string) => boolean;
  /** Whether its leases may take as long as they like to move. */
  readonly isUnhurried: (engineId: string) => boolean;
  readonly isMadeHere: (engineId: string) => boolean;
  readonly mustBeReplaced: (engineId: string) => boolean;
}

const jobPhases = { remove: 'removing', restart: 'restarting' } as const;

/** What the plan needs to know of an engine. */
export function describeForPlan(record: EngineRecord, view: PoolView): ActualEngine {
  const { now } = view;
  const { id } = record.engine;
  const left = (since: number | undefined, ms: number): number => Math.max(0, (since ?? now) + ms - now);
  const startLeftMs = left(record.foundAt, view.startTimeoutMs);
  const job = view.jobOf(id);
  const retiring = view.isRetiring(id);
  return {
    id,
    phase: job === undefined ? phaseOf(record, view.isMadeHere(id), startLeftMs) : jobPhases[job],
    leases: record.holds.size,
    retiring,
    unhurried: view.isUnhurried(id),
    setAside: record.draining && !retiring && job !== 'restart',
    outdated: record.outdated?.reason,
    mustBeReplaced: view.mustBeReplaced(id),
    idleLeftMs: left(Math.max(record.foundAt, record.lastLeaseAt ?? record.foundAt), view.idleGraceMs),
    replaceLeftMs: left(record.unhealthySince, view.replaceAfterMs),
    startLeftMs,
    since: record.createdAt ?? record.firstSeenWallAt,
  };
}

/** One that was found and not made here never fails to start: if it does not answer, it is unhealthy like any other. */
function phaseOf(record: EngineRecord, isMadeHere: boolean, startLeftMs: number): EnginePhase {
  if (!record.running) return 'stopped';
  if (record.health.health === 'healthy') return 'ready';
  if (record.wasReady) return 'unhealthy';
  if (isMadeHere) return startLeftMs > 0 ? 'starting' : 'failed';
  return record.health.health === 'unknown' ? 'starting' : 'unhealthy';
}
