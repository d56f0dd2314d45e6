import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { TrafficMetrics } from '../metrics/traffic-metrics.ts';
import { mergeErrors } from '../openapi/route-errors.ts';
import type { Services } from '../services.ts';
import { accessOf } from './guard.ts';
import { hasSlash } from './normal-url.ts';
import { hlsErrors, playbackErrors } from './playback-errors.ts';
import { contentSchema, once, playlistLocation } from './playback-query.ts';
import { logError, type Routes } from './server.ts';

const playlistType = 'application/vnd.apple.mpegurl';

const manifestSchema = z.object({
  ...contentSchema.shape,
  ll: once('1 for a low-latency playlist, 0 for none; default as the server is set'),
  _HLS_msn: once('Waits for this segment (RFC 8216bis §6.2.5.2)'),
  _HLS_part: once('And this part of it'),
});

export interface HlsRoutesOptions {
  readonly playback: Services['playback'];
  readonly hls: Services['hls'];
  readonly traffic: TrafficMetrics;
}

/** `/ace/manifest.m3u8`, and what the playlists behind it name. */
export function hlsRoutes({ playback, hls, traffic }: HlsRoutesOptions): Routes {
  /** What is played is written past the framework; what goes wrong before is an error like any other. */
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    play: (exchange: Parameters<typeof hls.serve>[0]) => Promise<void>,
  ): Promise<FastifyReply> => {
    const { address, grantId, withdrawn } = accessOf(request);
    const exchange = { request: request.raw, response: reply.raw, address, grant: grantId, signal: withdrawn };
    try {
      await play(exchange);
    } catch (error) {
      if (error instanceof ApiError && !reply.raw.headersSent && !reply.raw.destroyed) throw error;
      if (error instanceof ApiError) logError(error, request);
      reply.raw.destroy();
    }
    return reply.hijack();
  };

  return (app, _options, done) => {
    for (const path of ['/ace/manifest.m3u8', '/ace/hls/*']) {
      app.options(path, { schema: { hide: true }, config: { area: 'open' } }, (request, reply) =>
        answer(request, reply, (exchange) => hls.serve(exchange)),
      );
    }

    app.head(
      '/ace/manifest.m3u8',
      { schema: { hide: true, querystring: manifestSchema }, config: { area: 'playback' } },
      (request, reply) => {
        playback.parse(request.query);
        reply.headers({ 'content-type': playlistType, 'cache-control': 'no-store' }).send();
      },
    );

    app.get(
      '/ace/manifest.m3u8',
      {
        schema: {
          operationId: 'playHls',
          summary: 'Play a live content as HLS',
          description:
            'Exactly one of id, infohash, url and magnet. Sends the player to a playlist of its own, once there is something to play. Everything in playlists is relative. HEAD has no side effect.',
          tags: ['playback'],
          querystring: manifestSchema,
          response: {
            200: {
              description: 'A live playlist, behind a redirect to the one of this player',
              content: { [playlistType]: { schema: z.string() } },
            },
          },
        },
        config: { area: 'playback', errors: mergeErrors([playbackErrors, hlsErrors]) },
        exposeHeadRoute: false,
      },
      async (request, reply) => {
        const ref = playback.parse(request.query);
        if (hasSlash(request.originalUrl)) return reply.redirect(playlistLocation(request.originalUrl), 302);
        const done = traffic.playbackStarted();
        try {
          return await answer(request, reply, async (exchange) => {
            await hls.enter(ref, exchange);
            done('played');
          });
        } catch (error) {
          done(error instanceof ApiError ? error.code : 'left');
          if (error instanceof ApiError) playback.refused(playback.keyOf(ref), ref, request.id, error);
          throw error;
        }
      },
    );

    app.route({
      method: ['GET', 'HEAD'],
      url: '/ace/hls/*',
      schema: { hide: true },
      config: { area: 'viewer' },
      handler: (request, reply) => answer(request, reply, (exchange) => hls.serve(exchange)),
    });
    done();
  };
}
