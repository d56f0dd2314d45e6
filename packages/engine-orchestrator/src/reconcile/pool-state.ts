import type { Outdated } from '../runtime/outdated.ts';

/**
 * - `starting`: was never ready, and still has time to become so.
 * - `failed`: was made here and did not become ready in time.
 * - `unhealthy`: answers no longer.
 * - `stopped`: exists, and its process does not run.
 * - `removing`, `restarting`: that is being done to it.
 */
export type EnginePhase = 'starting' | 'failed' | 'ready' | 'unhealthy' | 'stopped' | 'removing' | 'restarting';

/** What a plan depends on, of one engine. Times are milliseconds from now; what is over is 0. */
export interface ActualEngine {
  readonly id: string;
  readonly phase: EnginePhase;
  readonly leases: number;
  /** Is to be removed as soon as it is empty; its leases were told to move. */
  readonly retiring: boolean;
  /** Retiring, and its leases may take as long as they like to move: it works. */
  readonly unhurried: boolean;
  /** Set aside by hand: it stays, and takes nothing. */
  readonly setAside: boolean;
  readonly outdated: Outdated['reason'] | undefined;
  /** Somebody asked for it to be replaced. */
  readonly mustBeReplaced: boolean;
  /** Until it has been without a lease for the whole grace. */
  readonly idleLeftMs: number;
  /** Until it has been unhealthy for long enough to be replaced. */
  readonly replaceLeftMs: number;
  /** Until it has had its time to start. */
  readonly startLeftMs: number;
  /** Unix milliseconds; the youngest goes first. */
  readonly since: number;
}

/** Everything that a plan depends on. */
export interface Actual {
  readonly engines: readonly ActualEngine[];
  /** Engines being made that are not among `engines` yet. */
  readonly creating: number;
  /** How many more may be begun now; 0 while making them is blocked. */
  readonly creationsLeft: number;
  /** The same for those that replace an engine. */
  readonly replacementsLeft: number;
  /** Until the next unhealthy engine may be replaced. */
  readonly cooldownLeftMs: number;
  /** Until the next outdated engine may be replaced. */
  readonly pauseLeftMs: number;
}

/** How many there should be and may be. */
export interface Desired {
  readonly engines: number;
  /** There are never more, those being made and removed included. */
  readonly max: number;
  readonly slotsPerEngine: number;
  /** Engines that start at the same time. */
  readonly burst: number;
}

/** Whether an engine is one of those that {@link Desired.engines} counts. */
export function counts({ phase, retiring, setAside, outdated }: ActualEngine): boolean {
  if (retiring || setAside || outdated === 'network') return false;
  return isStarting(phase) || phase === 'ready' || phase === 'unhealthy';
}

/** Whether an engine is expected to be ready soon. */
export function isStarting(phase: EnginePhase): boolean {
  return phase === 'starting' || phase === 'restarting';
}
