import type { OrchestratorHooks } from './hooks.ts';
import type { Reclaim } from './leases/lease-queue.ts';
import type { Probe } from './probe.ts';
import type { EngineRuntime } from './runtime/engine-runtime.ts';
import { changeScaleSettings, defaultScaleSettings, type ScaleSettings } from './scale-settings.ts';
import { type Clock, systemClock } from './time/clock.ts';

/** Options of {@link EngineOrchestrator}. The constructor throws a RangeError for a number out of its bounds. */
export interface OrchestratorOptions extends Partial<ScaleSettings> {
  /** Where the engines come from. */
  readonly runtime: EngineRuntime;
  /** How an engine is asked whether it can work. */
  readonly probe: Probe;
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
  /** How long a content that was found dead is refused. Default 30 000 ms, 0 to 86 400 000. */
  readonly deadContentMs?: number;
  /** Longest time between two listings of a runtime whose engines change, while any has a lease. Default 30 000 ms, 100 to 3 600 000. */
  readonly resyncIntervalMs?: number;
  /** The same while none has. Without any engine, only an event leads to a listing. Default 120 000 ms, 100 to 3 600 000. */
  readonly idleResyncIntervalMs?: number;
  /** What `recoveryEtaSeconds` says when all engines are full. Default 10 000 ms, 1 000 to 3 600 000. */
  readonly retryAfterMs?: number;
  /** Engines that are being started at the same time. Default 2, 1 to 100. */
  readonly burst?: number;
  /** How long an engine may take to become ready, and a call that makes one to show progress. Default 60 000 ms, 100 to 3 600 000. */
  readonly startTimeoutMs?: number;
  /** How long an engine is unhealthy before it is replaced. Default 60 000 ms, 0 to 86 400 000. */
  readonly replaceAfterMs?: number;
  /** Time between two replacements of unhealthy engines. Default 60 000 ms, 0 to 86 400 000. */
  readonly replaceCooldownMs?: number;
  /** How long the leases of an engine that is being removed may take to move. Default 30 000 ms, 0 to 3 600 000. */
  readonly drainTimeoutMs?: number;
  /** Failures without a success between them after which no engine is made for a while. Default 5, 1 to 1 000. */
  readonly breakerFailures?: number;
  /** How long that is, and how long a failure counts. Default 300 000 ms, 100 to 86 400 000. */
  readonly breakerMs?: number;
  /** The same for engines that replace others. Default 3, 1 to 1 000. */
  readonly replaceBreakerFailures?: number;
  /** Default 180 000 ms, 100 to 86 400 000. */
  readonly replaceBreakerMs?: number;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** See {@link Reclaim}. Default: nothing lingers. */
  readonly reclaim?: Reclaim;
  /** Default none. */
  readonly on?: OrchestratorHooks;
}

export type OrchestratorSettings = Required<Omit<OrchestratorOptions, 'reclaim' | keyof ScaleSettings>> & {
  readonly reclaim: Reclaim | undefined;
  readonly scale: ScaleSettings;
};

export const numberBounds = {
  acquireTimeoutMs: { default: 90_000, min: 0, max: 86_400_000 },
  probeIntervalMs: { default: 20_000, min: 100, max: 3_600_000 },
  probeTimeoutMs: { default: 5_000, min: 10, max: 600_000 },
  unhealthyAfter: { default: 3, min: 1, max: 100 },
  penaltyMs: { default: 120_000, min: 0, max: 86_400_000 },
  deadLeaseTimeoutMs: { default: 10_000, min: 0, max: 3_600_000 },
  deadContentMs: { default: 30_000, min: 0, max: 86_400_000 },
  resyncIntervalMs: { default: 30_000, min: 100, max: 3_600_000 },
  idleResyncIntervalMs: { default: 120_000, min: 100, max: 3_600_000 },
  retryAfterMs: { default: 10_000, min: 1_000, max: 3_600_000 },
  burst: { default: 2, min: 1, max: 100 },
  startTimeoutMs: { default: 60_000, min: 100, max: 3_600_000 },
  replaceAfterMs: { default: 60_000, min: 0, max: 86_400_000 },
  replaceCooldownMs: { default: 60_000, min: 0, max: 86_400_000 },
  drainTimeoutMs: { default: 30_000, min: 0, max: 3_600_000 },
  breakerFailures: { default: 5, min: 1, max: 1_000 },
  breakerMs: { default: 300_000, min: 100, max: 86_400_000 },
  replaceBreakerFailures: { default: 3, min: 1, max: 1_000 },
  replaceBreakerMs: { default: 180_000, min: 100, max: 86_400_000 },
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
  const names = Object.keys(numberBounds) as NumberName[];
  const numbers = Object.fromEntries(names.map((name) => [name, checkNumber(name, options[name])]));
  return {
    // Every name of the table was read, and the table's type is the shape.
    ...(numbers as Record<NumberName, number>),
    runtime: options.runtime,
    probe: options.probe,
    scale: changeScaleSettings(defaultScaleSettings, options),
    clock: options.clock ?? systemClock,
    reclaim: options.reclaim,
    on: options.on ?? {},
  };
}
