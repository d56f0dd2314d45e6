import { z } from 'zod';
import { type Config, settings } from '../config.ts';
import type { Services } from '../services.ts';
import type { Routes } from './server.ts';

const statusSchema = z.object({
  status: z.enum(['healthy', 'degraded', 'unavailable']),
  engines: z.object({ total: z.number(), running: z.number(), healthy: z.number(), unhealthy: z.number() }),
  streams: z.object({ active: z.number(), total: z.number() }),
  capacity: z.object({
    total: z.number(),
    used: z.number(),
    available: z.number(),
    waiting: z.number(),
    max_replicas: z.number(),
    min_replicas: z.number(),
  }),
  vpn: z.object({ enabled: z.boolean(), connected: z.boolean(), health: z.string() }),
  provisioning: z.object({
    can_provision: z.boolean(),
    circuit_breaker_state: z.string().nullable(),
    last_failure: z.string().nullable(),
    blocked_reason: z.string().nullable(),
    blocked_reason_details: z.unknown().nullable(),
  }),
  config: z.record(z.string(), z.unknown()),
  timestamp: z.iso.datetime(),
});

export type OrchestratorStatus = z.infer<typeof statusSchema>;

type StatusServices = Pick<Services, 'engines' | 'streams' | 'config'>;

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

export function orchestratorStatus({ engines, streams, config }: StatusServices): OrchestratorStatus {
  const all = engines.list();
  const healthy = all.filter(({ health }) => health === 'healthy').length;
  const { total, used, available, waiting } = engines.capacity();
  return {
    status: healthy === 0 ? 'unavailable' : healthy < all.length ? 'degraded' : 'healthy',
    engines: {
      total: all.length,
      running: all.filter(({ running }) => running).length,
      healthy,
      unhealthy: all.filter(({ health }) => health === 'unhealthy').length,
    },
    streams: { active: streams.active().length, total: streams.all().length },
    // Engines that the user runs are neither made nor removed here.
    capacity: { total, used, available, waiting, max_replicas: all.length, min_replicas: all.length },
    vpn: { enabled: false, connected: false, health: 'disabled' },
    provisioning: {
      can_provision: false,
      circuit_breaker_state: null,
      last_failure: null,
      blocked_reason: 'general_error',
      blocked_reason_details: { message: 'These engines are run by somebody else; none can be made here.' },
    },
    config: publicSettings(config),
    timestamp: new Date().toISOString(),
  };
}

/** Settings that tell nothing an outsider must not know. */
function publicSettings({
  engines,
  streamsPerEngine,
  joinBehindMs,
  lingerMs,
  maxStreams,
  maxClientsPerStream,
}: Config): Record<string, unknown> {
  const shown = { engines, streamsPerEngine, joinBehindMs, lingerMs, maxStreams, maxClientsPerStream };
  return Object.fromEntries(
    Object.entries(shown).map(([field, value]) => [settings[field as keyof typeof shown].name.toLowerCase(), value]),
  );
}
