import { z } from 'zod';
import type { Services } from '../services.ts';
import type { Routes } from './server.ts';
import { streamStateSchema } from './stream-state.ts';
import { streamStates } from './streams.ts';

const text = z.string().min(1).max(5_000);
const engineUrl = z.url({ protocol: /^https?$/ }).max(5_000);

const startedSchema = z.object({
  container_id: text.nullish(),
  engine: z.object({ host: text.max(255), port: z.number().int().min(1).max(65_535) }),
  stream: z.object({ key_type: z.enum(['content_id', 'infohash', 'url', 'magnet']), key: text }),
  session: z.object({
    playback_session_id: text.max(500),
    stat_url: engineUrl,
    command_url: engineUrl,
    is_live: z.union([z.boolean(), z.number()]).transform(Boolean),
  }),
  labels: z.record(z.string(), z.string()).nullish(),
});

const endedSchema = z
  .object({ container_id: text.nullish(), stream_id: text.nullish(), reason: z.string().max(500).nullish() })
  .refine(({ container_id, stream_id }) => (container_id ?? stream_id ?? undefined) !== undefined, {
    error: 'needs stream_id or container_id',
  });

/** `/events/stream_started` and `/events/stream_ended`: proxies beside this one tell what they play on its engines. */
export function outsideEventRoutes(services: Pick<Services, 'outside' | 'sessions' | 'p2p' | 'hls'>): Routes {
  const { outside } = services;
  return (app, _options, done) => {
    app.post(
      '/events/stream_started',
      {
        schema: {
          operationId: 'tellStreamStarted',
          summary: 'Another proxy plays a stream on an engine',
          description:
            'The engine is found by container_id, else by host and port. Told again, it changes nothing. The stream takes a place on the engine until it is told to have ended.',
          tags: ['events'],
          body: startedSchema,
          response: { 200: streamStateSchema },
        },
        config: { area: 'admin' },
      },
      async (request) => {
        const { container_id, engine, stream, session, labels } = request.body;
        const isHex = stream.key_type === 'content_id' || stream.key_type === 'infohash';
        const record = outside.started({
          containerId: container_id ?? undefined,
          host: engine.host,
          port: engine.port,
          content: { kind: stream.key_type, value: isHex ? stream.key.toLowerCase() : stream.key },
          playbackSessionId: session.playback_session_id,
          statUrl: session.stat_url,
          commandUrl: session.command_url,
          isLive: session.is_live,
          streamId: labels?.['stream_id'],
        });
        return streamStates(services, [record], true)[0]!;
      },
    );

    app.post(
      '/events/stream_ended',
      {
        schema: {
          operationId: 'tellStreamEnded',
          summary: 'Another proxy’s stream ended',
          tags: ['events'],
          body: endedSchema,
          response: {
            200: z.object({
              updated: z.boolean().describe('False when it is not known, or ended before: then nothing has changed'),
              stream: streamStateSchema.nullable(),
            }),
          },
        },
        config: { area: 'admin' },
      },
      async (request) => {
        const { container_id, stream_id, reason } = request.body;
        const name = { containerId: container_id ?? undefined, streamId: stream_id ?? undefined };
        const record = outside.ended(name, reason ?? 'ended');
        return record === undefined
          ? { updated: false, stream: null }
          : { updated: true, stream: streamStates(services, [record], true)[0]! };
      },
    );
    done();
  };
}
