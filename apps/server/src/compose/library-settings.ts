import type { OrchestratorOptions, ScaleSettings } from '@acestream-orchestrator/engine-orchestrator';
import type { ProxySettingsInput } from '@acestream-orchestrator/mpegts-proxy';
import type { Config } from '../config/config.ts';

/** What the loop and the probes are made with; it stays. */
type LoopSettings = Pick<
  OrchestratorOptions,
  | 'probeIntervalMs'
  | 'burst'
  | 'startTimeoutMs'
  | 'breakerFailures'
  | 'breakerMs'
  | 'replaceBreakerFailures'
  | 'replaceBreakerMs'
>;

/** Of the MPEG-TS proxy. */
export function proxySettings(config: Config): ProxySettingsInput {
  return {
    join: { behindMs: config.joinBehindMs },
    linger: { ms: config.lingerMs },
    recovery: { stallMs: config.sourceStallMs, hedgeMs: config.hedgeMs, maxOutageMs: config.maxOutageMs },
    client: { stallTimeoutMs: config.clientStallMs },
    limits: {
      sessions: config.maxStreams,
      clientsPerSession: config.maxClientsPerStream,
      ...(config.memoryLimitMb === 0 ? {} : { memoryBytes: config.memoryLimitMb * 2 ** 20 }),
    },
  };
}

/** How many engines the orchestrator keeps; these change while it runs. */
export function scaleSettings(config: Config): ScaleSettings {
  return {
    mode: config.scaling,
    minReplicas: config.minReplicas,
    freeReplicas: config.minFreeReplicas,
    maxReplicas: config.maxReplicas,
    maxLeasesPerEngine: config.streamsPerEngine,
    idleGraceMs: config.engineGracePeriodS * 1_000,
  };
}

/** What the loop and the probes need from the start. */
export function loopSettings(config: Config): LoopSettings {
  return {
    probeIntervalMs: config.probeIntervalMs,
    burst: config.maxConcurrentProvisions,
    startTimeoutMs: config.startupTimeoutS * 1_000,
    breakerFailures: config.breakerFailures,
    breakerMs: config.breakerTimeoutS * 1_000,
    replaceBreakerFailures: config.replacementBreakerFailures,
    replaceBreakerMs: config.replacementBreakerTimeoutS * 1_000,
  };
}
