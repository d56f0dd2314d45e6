import type { OrchestratorHooks } from './hooks.ts';
import type { Reclaim } from './leases/lease-queue.ts';
import type { Probe } from './probe.ts';
import type { EngineRuntime } from './runtime/engine-runtime.ts';
import { type Clock, systemClock } from './time/clock.ts';

/** Options of {@link EngineOrchestrator}. The constructor throws a RangeError for a number out of its bounds. */
export interface OrchestratorOptions {
  /** Where the engines come from. */
  readonly runtime: EngineRuntime;
  /** How an engine is asked whether it can work. */
  readonly probe: Probe;
  /** Slots of one engine. Default 3, 1 to 1 000. */
  readonly maxLeasesPerEngine?: number;
  /** Longest wait of an `acquire`. Default 90 000 ms, 0 to 86 400 000. */
  readonly acquireTimeoutMs?: number;
  /** Pause between two probes of a healthy engine. Default 20 000 ms, 100 to 3 600 000. */
  readonly probeIntervalMs?: number;
  /** Time limit of one probe. Default 5 000 ms, 10 to 600 000. */
  readonly probeTimeoutMs?: number;
  /** Failed probes in a row that make an engine unhealthy. Default 3, 1 to 100. */
  readonly unhealthyAfter?: number;
  /** How long a failure is held against an engine, or a content on it. Default 120 000 ms, 0 to 86 400 000. */
  readonly penaltyMs?: number;
  /** How long a lease on a dead engine may stay unreleased. Default 10 000 ms, 0 to 3 600 000. */
  readonly deadLeaseTimeoutMs?: number;
  /** Longest time between two listings of a runtime whose engines change. Default 30 000 ms, 100 to 3 600 000. */
  readonly resyncIntervalMs?: number;
  /** What `recoveryEtaSeconds` says when all engines are full. Default 10 000 ms, 1 000 to 3 600 000. */
  readonly retryAfterMs?: number;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** See {@link Reclaim}. Default: nothing lingers. */
  readonly reclaim?: Reclaim;
  /** Default none. */
  readonly on?: OrchestratorHooks;
}

export type OrchestratorSettings = Required<Omit<OrchestratorOptions, 'reclaim'>> & {
  readonly reclaim: Reclaim | undefined;
};

export const numberBounds = {
  maxLeasesPerEngine: { default: 3, min: 1, max: 1_000 },
  acquireTimeoutMs: { default: 90_000, min: 0, max: 86_400_000 },
  probeIntervalMs: { default: 20_000, min: 100, max: 3_600_000 },
  probeTimeoutMs: { default: 5_000, min: 10, max: 600_000 },
  unhealthyAfter: { default: 3, min: 1, max: 100 },
  penaltyMs: { default: 120_000, min: 0, max: 86_400_000 },
  deadLeaseTimeoutMs: { default: 10_000, min: 0, max: 3_600_000 },
  resyncIntervalMs: { default: 30_000, min: 100, max: 3_600_000 },
  retryAfterMs: { default: 10_000, min: 1_000, max: 3_600_000 },
} as const;

type NumberName = keyof typeof numberBounds;

/** Checks a number against its bounds; a RangeError names it. */
export function checkNumber(name: NumberName, value: number | undefined): number {
  const { default: fallback, min, max } = numberBounds[name];
  if (value === undefined) return fallback;
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} is ${value}, not an integer from ${min} to ${max}`);
  }
  return value;
}

export function readSettings(options: OrchestratorOptions): OrchestratorSettings {
  const number = (name: NumberName): number => checkNumber(name, options[name]);
  return {
    runtime: options.runtime,
    probe: options.probe,
    maxLeasesPerEngine: number('maxLeasesPerEngine'),
    acquireTimeoutMs: number('acquireTimeoutMs'),
    probeIntervalMs: number('probeIntervalMs'),
    probeTimeoutMs: number('probeTimeoutMs'),
    unhealthyAfter: number('unhealthyAfter'),
    penaltyMs: number('penaltyMs'),
    deadLeaseTimeoutMs: number('deadLeaseTimeoutMs'),
    resyncIntervalMs: number('resyncIntervalMs'),
    retryAfterMs: number('retryAfterMs'),
    clock: options.clock ?? systemClock,
    reclaim: options.reclaim,
    on: options.on ?? {},
  };
}
