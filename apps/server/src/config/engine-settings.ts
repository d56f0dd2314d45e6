import type { Setting } from './setting.ts';
import { choice, type EngineAddress, engineUrls, integer } from './setting-types.ts';

/** Settings of where engines come from and how they are minded. */
export interface EngineConfig {
  readonly engines: 'auto' | 'static' | 'docker' | 'demo';
  readonly engineUrls: readonly EngineAddress[];
  readonly streamsPerEngine: number;
  readonly probeIntervalMs: number;
  readonly stopTimeoutMs: number;
}

export const engineSettings: { readonly [Field in keyof EngineConfig]: Setting<EngineConfig[Field]> } = {
  engines: {
    name: 'ENGINES',
    type: choice('auto', 'static', 'docker', 'demo'),
    default: 'auto',
    text: 'Where engines come from; auto is static when ENGINE_URLS is set and the built-in simulated ones otherwise.',
    group: 'engines',
    changes: 'restart',
  },
  engineUrls: {
    name: 'ENGINE_URLS',
    type: engineUrls(),
    default: [],
    text: 'Engines that you run yourself.',
    group: 'engines',
    changes: 'restart',
  },
  streamsPerEngine: {
    name: 'STREAMS_PER_ENGINE',
    type: integer(1, 100),
    default: 3,
    text: 'Streams one engine plays at the same time.',
    group: 'engines',
    changes: 'restart',
  },
  probeIntervalMs: {
    name: 'ENGINE_PROBE_INTERVAL_MS',
    type: integer(100, 600_000, 'ms'),
    default: 20_000,
    text: 'Time between two health checks of an engine.',
    group: 'engines',
    changes: 'restart',
  },
  stopTimeoutMs: {
    name: 'ENGINE_STOP_TIMEOUT_MS',
    type: integer(100, 60_000, 'ms'),
    default: 5_000,
    text: 'How long an engine may take to stop a stream before its place is taken for free.',
    group: 'engines',
  },
};
