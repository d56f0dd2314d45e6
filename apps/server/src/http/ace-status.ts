import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { accessOf } from './guard.ts';
import type { Routes } from './server.ts';

const name = z.string().min(1).max(5_000).optional();

const querySchema = z.object({
  id: name.describe('A content id; the id, key or infohash of a stream will do'),
  content_id: name.describe('The same as id'),
  infohash: name.describe('The infohash of a stream'),
});

const allSchema = z.object({ streams: z.number().int(), total_clients: z.number().int() });

const oneSchema = z.object({
  clients: z.number().int(),
  stream_id: z.string(),
  stat_url: z.string().nullable().describe('Only with the key'),
});

/** `/ace/status`: what clients of acexy ask for, all streams or one. */
export function aceStatusRoutes({ streams, sessions }: Pick<Services, 'streams' | 'sessions'>): Routes {
  const clientsOf = (streamKey: string): number => sessions.of(streamKey)?.clients.length ?? 0;

  return (app, _options, done) => {
    app.get(
      '/ace/status',
      {
        schema: {
          operationId: 'getAceStatus',
          summary: 'How many streams are played, or by how many one is',
          tags: ['streams'],
          querystring: querySchema,
          response: { 200: z.union([oneSchema, allSchema]) },
        },
        config: { area: 'read', errors: { 404: ['stream_not_found'] } },
      },
      async (request) => {
        const { id, content_id, infohash } = request.query;
        const wanted = id ?? content_id ?? infohash;
        if (wanted === undefined) {
          const active = streams.active();
          const clients = active.reduce((sum, { streamKey }) => sum + clientsOf(streamKey), 0);
          return { streams: active.length, total_clients: clients };
        }
        const record = streams.find(wanted);
        if (record === undefined || record.endedAt !== undefined)
          throw new ApiError(404, 'stream_not_found', `No stream ${wanted} is played.`);
        const { privileged } = accessOf(request);
        return {
          clients: clientsOf(record.streamKey),
          stream_id: record.id,
          stat_url: privileged ? record.session.statUrl : null,
        };
      },
    );
    done();
  };
}
