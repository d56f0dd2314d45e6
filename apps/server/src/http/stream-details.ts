import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import type { StreamRecord } from '../streams/stream-book.ts';
import type { Routes } from './server.ts';
import { streamHealth, streamHealthSchema } from './stream-health.ts';
import { livepos, liveposSchema } from './stream-state.ts';

/** The engine is asked. */
const engineErrors = {
  404: ['stream_not_found', 'engine_not_found'],
  502: ['bad_response', 'engine_refused', 'engine_unreachable'],
  503: ['content_dead'],
  504: ['engine_hung'],
} as const;

const idSchema = z.object({ id: z.string().describe('The id of a stream; its key, content or infohash will do') });

/** `/streams/{id}/livepos` and `/streams/{id}/extended-stats`: what the 1.5 release told of a stream. */
export function streamDetailRoutes({
  streams,
  sessions,
  p2p,
  describe,
}: Pick<Services, 'streams' | 'sessions' | 'p2p' | 'describe'>): Routes {
  const find = (id: string): StreamRecord => {
    const record = streams.find(id);
    if (record === undefined) throw new ApiError(404, 'stream_not_found', `There is no stream ${id}.`);
    return record;
  };

  return (app, _options, done) => {
    app.get(
      '/streams/:id/livepos',
      {
        schema: {
          operationId: 'getLivePosition',
          summary: 'Where a stream is in its live window',
          tags: ['streams'],
          params: idSchema,
          response: {
            200: z.object({ has_livepos: z.boolean(), is_live: z.boolean(), livepos: liveposSchema }),
          },
        },
        config: { area: 'read', errors: { 404: ['stream_not_found'] } },
      },
      async (request) => {
        const { id, session } = find(request.params.id);
        p2p.watch();
        const position = livepos(p2p.latest(id));
        return { has_livepos: position !== null, is_live: session.isLive, livepos: position };
      },
    );

    app.get(
      '/streams/:id/extended-stats',
      {
        schema: {
          operationId: 'getExtendedStats',
          summary: 'What the engine knows about a stream’s content, and what is in it',
          tags: ['streams'],
          params: idSchema,
          response: {
            200: z.object({
              title: z.string().nullable(),
              content_type: z.string().nullable(),
              mime: z.string(),
              categories: z.array(z.string()),
              languages: z.array(z.string()),
              countries: z.array(z.string()),
              infohash: z.string(),
              is_live: z.boolean(),
              bitrate: z.number().nullable().describe('Bits per second'),
              health: streamHealthSchema.nullable(),
            }),
          },
        },
        config: { area: 'read', errors: engineErrors },
      },
      async (request) => {
        const record = find(request.params.id);
        const known = record.endedAt === undefined ? await describe(record) : undefined;
        const session = record.endedAt === undefined ? sessions.of(record.streamKey) : undefined;
        return {
          title: known?.title ?? null,
          content_type: known?.type ?? null,
          mime: 'video/mp2t',
          categories: [...(known?.categories ?? [])],
          languages: [...(known?.languages ?? [])],
          countries: [...(known?.countries ?? [])],
          infohash: record.session.infohash,
          is_live: record.session.isLive,
          bitrate: session === undefined || session.bitsPerSecond === 0 ? null : Math.round(session.bitsPerSecond),
          health: session === undefined ? null : streamHealth(session),
        };
      },
    );
    done();
  };
}
