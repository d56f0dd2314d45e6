import type { Setting } from './setting.ts';
import { choice, integer } from './setting-types.ts';

/** Settings of how many engines there are; they count where engines are made here. */
export interface ScalingConfig {
  readonly scaling: 'auto' | 'manual';
  readonly minReplicas: number;
  readonly minFreeReplicas: number;
  readonly maxReplicas: number;
  readonly engineGracePeriodS: number;
  readonly maxConcurrentProvisions: number;
  readonly startupTimeoutS: number;
  readonly breakerFailures: number;
  readonly breakerTimeoutS: number;
  readonly replacementBreakerFailures: number;
  readonly replacementBreakerTimeoutS: number;
  readonly enginesOnExit: 'keep' | 'remove';
}

type ScalingSettings = { readonly [Field in keyof ScalingConfig]: Setting<ScalingConfig[Field]> };

export const scalingSettings: ScalingSettings = {
  scaling: {
    name: 'SCALING',
    type: choice('auto', 'manual'),
    default: 'auto',
    text: 'Whether the number of engines follows the demand, or stays as it is but for what is asked for.',
    group: 'engines',
  },
  minReplicas: {
    name: 'MIN_REPLICAS',
    type: integer(0, 1_000),
    default: 1,
    text: 'Engines that are always there.',
    group: 'engines',
  },
  minFreeReplicas: {
    name: 'MIN_FREE_REPLICAS',
    type: integer(0, 1_000),
    default: 1,
    text: 'Engines that play nothing, in reserve; with 0 one is made when the others are nearly full.',
    group: 'engines',
  },
  maxReplicas: {
    name: 'MAX_REPLICAS',
    type: integer(1, 1_000),
    default: 6,
    text: 'There are never more engines.',
    group: 'engines',
  },
  engineGracePeriodS: {
    name: 'ENGINE_GRACE_PERIOD_S',
    type: integer(0, 86_400, 's'),
    default: 30,
    text: 'An engine that is not needed goes after it has played nothing for so long.',
    group: 'engines',
  },
  maxConcurrentProvisions: {
    name: 'MAX_CONCURRENT_PROVISIONS',
    type: integer(1, 100),
    default: 2,
    text: 'Engines that are started at the same time.',
    group: 'engines',
    changes: 'restart',
  },
  startupTimeoutS: {
    name: 'STARTUP_TIMEOUT_S',
    type: integer(1, 3_600, 's'),
    default: 60,
    text: 'How long an engine may take until it answers.',
    group: 'engines',
    changes: 'restart',
  },
  breakerFailures: {
    name: 'CIRCUIT_BREAKER_FAILURE_THRESHOLD',
    type: integer(1, 1_000),
    default: 5,
    text: 'Failures to make an engine, without a success between them, after which none is made for a while.',
    group: 'engines',
    changes: 'restart',
  },
  breakerTimeoutS: {
    name: 'CIRCUIT_BREAKER_RECOVERY_TIMEOUT_S',
    type: integer(1, 86_400, 's'),
    default: 300,
    text: 'How long that is; then one is made as a trial.',
    group: 'engines',
    changes: 'restart',
  },
  replacementBreakerFailures: {
    name: 'CIRCUIT_BREAKER_REPLACEMENT_THRESHOLD',
    type: integer(1, 1_000),
    default: 3,
    text: 'The same for engines that replace others.',
    group: 'engines',
    changes: 'restart',
  },
  replacementBreakerTimeoutS: {
    name: 'CIRCUIT_BREAKER_REPLACEMENT_TIMEOUT_S',
    type: integer(1, 86_400, 's'),
    default: 180,
    text: 'How long that is.',
    group: 'engines',
    changes: 'restart',
  },
  enginesOnExit: {
    name: 'ENGINES_ON_EXIT',
    type: choice('keep', 'remove'),
    default: 'keep',
    text: 'What becomes of the engines when the server is stopped; those that are kept are used again at the next start.',
    group: 'engines',
  },
};

/** Faults of these settings together. */
export function scalingFaults({ minReplicas, minFreeReplicas, maxReplicas }: ScalingConfig): string[] {
  const faults: string[] = [];
  if (minReplicas > maxReplicas) {
    faults.push(`MIN_REPLICAS (${minReplicas}) must not be greater than MAX_REPLICAS (${maxReplicas}).`);
  }
  if (minFreeReplicas > maxReplicas) {
    faults.push(`MIN_FREE_REPLICAS (${minFreeReplicas}) must not be greater than MAX_REPLICAS (${maxReplicas}).`);
  }
  return faults;
}
