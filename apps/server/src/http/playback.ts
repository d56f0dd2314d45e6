import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Config } from '../config/config.ts';
import type { TrafficMetrics } from '../metrics/traffic-metrics.ts';
import type { Services } from '../services.ts';
import { accessOf } from './guard.ts';
import { playbackErrors } from './playback-errors.ts';
import { contentSchema, formatSchema, playlistLocation } from './playback-query.ts';
import { type PlaybackLimits, PlaybackWait, ViewerLeft } from './playback-wait.ts';
import { logError, type Routes } from './server.ts';

/** HEAD and GET answer with the same fields (RFC 9110 §9.3.2). */
const streamHeaders = {
  'content-type': 'video/mp2t',
  'cache-control': 'no-store',
  'accept-ranges': 'none',
  'access-control-allow-origin': '*',
  'x-accel-buffering': 'no',
  connection: 'close',
} as const;

const preflightHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, OPTIONS',
  'access-control-allow-headers': 'authorization, x-api-key, range',
  'access-control-max-age': '86400',
} as const;

const querySchema = z.object({
  ...contentSchema.shape,
  format: formatSchema,
});

type Query = z.infer<typeof querySchema>;

export interface PlaybackRoutesOptions {
  readonly playback: Services['playback'];
  readonly limits: PlaybackLimits & Pick<Config, 'streamFormat'>;
  readonly traffic: TrafficMetrics;
}

/** `/ace/getstream`: one live transport stream, endless, delimited by the end of the connection. */
export function playbackRoutes({ playback, limits, traffic }: PlaybackRoutesOptions): Routes {
  const isHls = ({ format }: Query): boolean => (format ?? limits.streamFormat) === 'hls';

  return (app, _options, done) => {
    app.options('/ace/getstream', { schema: { hide: true }, config: { area: 'open' } }, (_request, reply) => {
      reply.code(204).headers(preflightHeaders).send();
    });

    app.head(
      '/ace/getstream',
      { schema: { hide: true, querystring: querySchema }, config: { area: 'playback' } },
      (request, reply) => {
        playback.parse(request.query);
        if (isHls(request.query)) return reply.redirect(playlistLocation(request.originalUrl), 302);
        return reply.headers(streamHeaders).send();
      },
    );

    app.get(
      '/ace/getstream',
      {
        schema: {
          operationId: 'playMpegTs',
          summary: 'Play a live content as MPEG-TS',
          description:
            'Exactly one of id, infohash, url and magnet. Endless: the body ends with the connection. With format=hls a redirect to the playlist. HEAD has no side effect.',
          tags: ['playback'],
          querystring: querySchema,
          response: {
            200: { description: 'A transport stream', content: { 'video/mp2t': { schema: z.string() } } },
          },
        },
        config: { area: 'playback', errors: playbackErrors },
        exposeHeadRoute: false,
      },
      async (request, reply) => {
        const ref = playback.parse(request.query);
        if (isHls(request.query)) return reply.redirect(playlistLocation(request.originalUrl), 302);
        const { address, withdrawn } = accessOf(request);
        const wait = new PlaybackWait(reply.raw, limits, withdrawn);
        const done = traffic.playbackStarted();
        try {
          const client = await playback.join(ref, {
            signal: wait.signal,
            requestId: request.id,
            viewer: { address, userAgent: request.headers['user-agent'] },
            onOpened: () => wait.opened(() => commit(reply)),
          });
          done('played');
          commit(reply);
          wait.over();
          await client.sendTo(reply.raw);
        } catch (error) {
          wait.over();
          done(error instanceof ApiError ? error.code : 'left');
          giveUp(error, request, reply);
        }
        return reply;
      },
    );
    done();
  };
}

/** Sends the status line and the headers, once. From here on the response is written past the framework. */
function commit(reply: FastifyReply): void {
  if (reply.sent) return;
  reply.hijack();
  const response = reply.raw;
  // No length and no chunks: the body ends with the connection (RFC 9112 §6.3), for HTTP/1.0 and 1.1 alike.
  response.useChunkedEncodingByDefault = false;
  response.shouldKeepAlive = false;
  response.writeHead(200, streamHeaders);
  response.flushHeaders();
}

/** Ends a wait that brought nothing: with an error, or, where 200 was said already, by closing the connection. */
function giveUp(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  if (!reply.sent && !(error instanceof ViewerLeft)) throw error;
  if (error instanceof ApiError) logError(error, request);
  if (!reply.sent) reply.hijack();
  reply.raw.destroy();
}
