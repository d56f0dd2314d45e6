import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { parseViewerLabel } from '../streams/viewer.ts';
import { accessOf } from './guard.ts';
import type { Routes } from './server.ts';

const clientSchema = z.object({
  client_id: z.string(),
  ip_address: z.string().nullable().describe('Only for local peers and with the key'),
  user_agent: z.string().nullable().describe('Only for local peers and with the key'),
  connected_at: z.iso.datetime(),
  last_active: z.iso.datetime(),
  bytes_sent: z.number().int(),
  lag_bytes: z.number().int(),
  lag_ms: z.number().int(),
  skips: z.number().int(),
  skipped_bytes: z.number().int(),
});

/** `/proxy/streams/{key}/clients`: who reads a stream. */
export function streamClientRoutes({ streams, sessions }: Pick<Services, 'streams' | 'sessions'>): Routes {
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
        const { local, privileged } = accessOf(request);
        const clients = record.endedAt === undefined ? (sessions.of(record.streamKey)?.clients ?? []) : [];
        return {
          clients: clients.map((client) => {
            const viewer = local || privileged ? parseViewerLabel(client.label ?? '') : undefined;
            return {
              client_id: client.id,
              ip_address: viewer?.address ?? null,
              user_agent: viewer?.userAgent ?? null,
              connected_at: new Date(client.connectedAt).toISOString(),
              last_active: new Date(client.lastActiveAt).toISOString(),
              bytes_sent: client.bytesSent,
              lag_bytes: client.lagBytes,
              lag_ms: Math.round(client.lagMs),
              skips: client.skips,
              skipped_bytes: client.skippedBytes,
            };
          }),
        };
      },
    );
    done();
  };
}
