import type { ViewerStats } from '@acestream-orchestrator/hls-proxy';
import type { ClientStats } from '@acestream-orchestrator/mpegts-proxy';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { isPlayer, parseViewerLabel } from '../streams/viewer.ts';
import { accessOf } from './guard.ts';
import type { Routes } from './server.ts';

const clientSchema = z.object({
  client_id: z.string(),
  protocol: z.enum(['ts', 'hls']),
  ip_address: z.string().nullable().describe('Only for local peers and with the key'),
  user_agent: z.string().nullable().describe('Only for local peers and with the key'),
  connected_at: z.iso.datetime(),
  last_active: z.iso.datetime(),
  bytes_sent: z.number().int(),
  low_latency: z.boolean().describe('HLS, and it takes parts of segments'),
  lag_bytes: z.number().int().nullable().describe('Null for HLS'),
  lag_ms: z.number().int().nullable().describe('Media that is here and that it has not taken yet'),
  skips: z.number().int().nullable().describe('Times it jumped forward'),
  skipped_bytes: z.number().int().nullable().describe('Null for HLS'),
});

type StreamClient = z.infer<typeof clientSchema>;

/** `/proxy/streams/{key}/clients`: who reads a stream. */
export function streamClientRoutes({ streams, sessions, hls }: Pick<Services, 'streams' | 'sessions' | 'hls'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/proxy/streams/:key/clients',
      {
        schema: {
          operationId: 'listClients',
          summary: 'Who watches a stream',
          tags: ['streams'],
          params: z.object({ key: z.string().describe('The content of a stream; its id or key will do') }),
          response: { 200: z.object({ clients: z.array(clientSchema) }) },
        },
        config: { area: 'read', errors: { 404: ['stream_not_found'] } },
      },
      async (request) => {
        const record = streams.find(request.params.key);
        if (record === undefined)
          throw new ApiError(404, 'stream_not_found', `There is no stream ${request.params.key}.`);
        if (record.endedAt !== undefined) return { clients: [] };
        const { local, privileged } = accessOf(request);
        const players = sessions.of(record.streamKey)?.clients.filter(isPlayer) ?? [];
        const viewers = hls.of(record.streamKey).flatMap((session) => session.viewers);
        const clients = [...players.map(ofPlayer), ...viewers.map(ofViewer)];
        return { clients: local || privileged ? clients : clients.map(withoutIdentity) };
      },
    );
    done();
  };
}

function ofPlayer(client: ClientStats): StreamClient {
  const { address, userAgent } = parseViewerLabel(client.label ?? '');
  return {
    client_id: client.id,
    protocol: 'ts',
    ip_address: address,
    user_agent: userAgent ?? null,
    connected_at: new Date(client.connectedAt).toISOString(),
    last_active: new Date(client.lastActiveAt).toISOString(),
    bytes_sent: client.bytesSent,
    low_latency: false,
    lag_bytes: client.lagBytes,
    lag_ms: Math.round(client.lagMs),
    skips: client.skips,
    skipped_bytes: client.skippedBytes,
  };
}

function ofViewer(viewer: ViewerStats): StreamClient {
  return {
    // The whole token would let whoever sees it watch.
    client_id: viewer.id.slice(0, 8),
    protocol: 'hls',
    ip_address: viewer.address,
    user_agent: viewer.userAgent === '' ? null : viewer.userAgent,
    connected_at: new Date(viewer.connectedAt).toISOString(),
    last_active: new Date(viewer.lastActiveAt).toISOString(),
    bytes_sent: viewer.bytesSent,
    low_latency: viewer.lowLatency,
    lag_bytes: null,
    lag_ms: viewer.lagMs,
    skips: viewer.skips,
    skipped_bytes: null,
  };
}

function withoutIdentity(client: StreamClient): StreamClient {
  return { ...client, ip_address: null, user_agent: null };
}
