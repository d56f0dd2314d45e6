import { z } from 'zod';
import { blockDetails } from '../compose/provisioning-error.ts';
import { type Config, engineSource, settings } from '../config/config.ts';
import type { Engines, Services } from '../services.ts';
import { breakerName } from './circuit-breakers.ts';
import type { Routes } from './server.ts';

const statusSchema = z.object({
  status: z.enum(['healthy', 'degraded', 'unavailable']),
  engines: z.object({
    total: z.number(),
    running: z.number(),
    healthy: z.number(),
    unhealthy: z.number(),
    outdated: z.number().describe('Those that are not what would be made now'),
  }),
  streams: z.object({ active: z.number(), total: z.number() }),
  capacity: z.object({
    total: z.number(),
    used: z.number(),
    available: z.number(),
    waiting: z.number(),
    max_replicas: z.number(),
    min_replicas: z.number(),
  }),
  vpn: z
    .object({
      enabled: z.boolean(),
      connected: z.boolean(),
      health: z.enum(['disabled', 'unknown', 'starting', 'healthy', 'unhealthy']),
      container: z.string().nullable(),
    })
    .describe('The container whose network engines share, as it was seen last'),
  provisioning: z.object({
    can_provision: z.boolean(),
    circuit_breaker_state: z.string().nullable(),
    last_failure: z.string().nullable(),
    blocked_reason: z.string().nullable(),
    blocked_reason_details: z.unknown().nullable(),
  }),
  newer_images: z
    .array(z.string())
    .describe('Images that engines are made from and that the registry has a newer one of, as far as was looked'),
  config: z.record(z.string(), z.unknown()),
  timestamp: z.iso.datetime(),
});

export type OrchestratorStatus = z.infer<typeof statusSchema>;

type StatusServices = Pick<Services, 'engines' | 'streams' | 'config' | 'images' | 'vpn'>;

/** `/orchestrator/status`: everything at a glance. */
export function orchestratorStatusRoutes(services: StatusServices): Routes {
  return (app, _options, done) => {
    app.get(
      '/orchestrator/status',
      {
        schema: {
          operationId: 'getStatus',
          summary: 'Everything at a glance',
          tags: ['status'],
          response: { 200: statusSchema },
        },
        config: { area: 'read' },
      },
      async () => orchestratorStatus(services),
    );
    done();
  };
}

export function orchestratorStatus({ engines, streams, config, images, vpn }: StatusServices): OrchestratorStatus {
  const all = engines.list();
  const healthy = all.filter(({ health }) => health === 'healthy').length;
  const { total, used, available, waiting } = engines.capacity();
  const { container = null, ...seen } = vpn.state();
  return {
    status: overallStatus(engines, healthy, all.length),
    engines: {
      total: all.length,
      running: all.filter(({ running }) => running).length,
      healthy,
      unhealthy: all.filter(({ health }) => health === 'unhealthy').length,
      outdated: all.filter(({ outdated }) => outdated !== undefined).length,
    },
    streams: { active: streams.active().length, total: streams.all().length },
    capacity: { total, used, available, waiting, ...replicas(engines, all.length) },
    vpn: { ...seen, container },
    provisioning: provisioningState(engines),
    newer_images: [...images.newer()],
    config: publicSettings(config),
    timestamp: new Date().toISOString(),
  };
}

/** Engines that the user runs are neither made nor removed here. */
function replicas({ managed, settings: { minReplicas, maxReplicas } }: Engines, count: number) {
  return managed
    ? { max_replicas: maxReplicas, min_replicas: minReplicas }
    : { max_replicas: count, min_replicas: count };
}

/** A pool that may be empty is well without engines. */
function overallStatus(engines: Engines, healthy: number, total: number): OrchestratorStatus['status'] {
  const { runtimeFailure, desired, blocked } = engines.provisioning();
  const isTroubled = runtimeFailure !== undefined || healthy < total || (engines.managed && healthy < desired);
  if (healthy > 0) return isTroubled ? 'degraded' : 'healthy';
  if (!engines.managed || desired > 0 || runtimeFailure !== undefined) return 'unavailable';
  return blocked === undefined || blocked.code === 'max_capacity' ? 'healthy' : 'degraded';
}

function provisioningState({ provisioning }: Engines): OrchestratorStatus['provisioning'] {
  const { canProvision, blocked, breakers, lastFailure } = provisioning();
  return {
    can_provision: canProvision,
    circuit_breaker_state: breakerName(breakers.general.state),
    last_failure: lastFailure === undefined ? null : new Date(lastFailure.at).toISOString(),
    blocked_reason: blocked?.code ?? null,
    blocked_reason_details: blocked === undefined ? null : blockDetails(blocked),
  };
}

/** Settings that tell nothing an outsider must not know. */
const publicFields = [
  'auth',
  'authPlayback',
  'engines',
  'streamsPerEngine',
  'scaling',
  'minReplicas',
  'minFreeReplicas',
  'maxReplicas',
  'joinBehindMs',
  'lingerMs',
  'maxStreams',
  'maxClientsPerStream',
] as const satisfies readonly (keyof Config)[];

/** Where engines come from is said as it was decided, never as `auto`. */
function publicSettings(config: Config): Record<string, unknown> {
  const shown = { ...config, engines: engineSource(config) };
  return Object.fromEntries(publicFields.map((field) => [settings[field].name.toLowerCase(), shown[field]]));
}
