import type { EngineState as Engine } from '@acestream-orchestrator/engine-orchestrator';
import { z } from 'zod';

/** An engine as the API shows it; field names as in the 1.5 release. */
export const engineStateSchema = z
  .object({
    container_id: z.string(),
    container_name: z.string(),
    host: z.string(),
    port: z.number().int(),
    labels: z.record(z.string(), z.string()),
    forwarded: z.boolean(),
    first_seen: z.iso.datetime(),
    last_seen: z.iso.datetime().nullable(),
    streams: z.array(z.string()).describe('Ids of its running streams'),
    health_status: z.enum(['healthy', 'unhealthy', 'unknown']),
    last_health_check: z.iso.datetime().nullable(),
    last_stream_usage: z.iso.datetime().nullable(),
    vpn_container: z.string().nullable().describe('The container whose network it has'),
    engine_variant: z.string().nullable(),
    platform: z.string().nullable(),
    version: z.string().nullable(),
    forwarded_port: z.number().int().nullable(),
    ready: z.boolean(),
    draining: z.boolean(),
    leases: z.number().int(),
    max_leases: z.number().int(),
    penalties: z.number(),
    outdated: z
      .object({ reason: z.enum(['config', 'image', 'network']), message: z.string() })
      .nullable()
      .describe(
        'Why it is not what would be made now: other settings, a newer image of the same name, or its network is gone',
      ),
  })
  .meta({ id: 'EngineState' });

export type EngineState = z.infer<typeof engineStateSchema>;

export function engineState(engine: Engine, streamIds: readonly string[]): EngineState {
  return {
    container_id: engine.id,
    container_name: engine.name,
    host: engine.host,
    port: engine.port,
    labels: { ...engine.labels },
    forwarded: engine.forwarded,
    first_seen: new Date(engine.firstSeenAt).toISOString(),
    last_seen: isoOrNull(engine.lastSeenAt),
    streams: [...streamIds],
    health_status: engine.health,
    last_health_check: isoOrNull(engine.lastHealthCheckAt),
    last_stream_usage: isoOrNull(engine.lastLeaseAt),
    vpn_container: engine.sharesNetworkOf ?? null,
    engine_variant: engine.labels['acestream.engine_variant'] ?? null,
    platform: engine.platform ?? null,
    version: engine.version ?? null,
    forwarded_port: null,
    ready: engine.ready,
    draining: engine.draining,
    leases: engine.leases,
    max_leases: engine.maxLeases,
    penalties: engine.penalties,
    outdated: engine.outdated === undefined ? null : { ...engine.outdated },
  };
}

function isoOrNull(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
