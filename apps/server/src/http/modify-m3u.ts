import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Config } from '../config/config.ts';
import { AddressGuard } from '../m3u/address-guard.ts';
import { fetchList, parseListUrl } from '../m3u/fetch-list.ts';
import type { LinkTarget } from '../m3u/rewrite-line.ts';
import { PlaylistRewriter } from '../m3u/rewrite-stream.ts';
import { publicUrlOf } from './public-url.ts';
import type { Routes } from './server.ts';

/** Somebody else's bytes: nothing but a player must make anything of them. */
const listHeaders = {
  'content-type': 'audio/x-mpegurl',
  'cache-control': 'no-store',
  'access-control-allow-origin': '*',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; sandbox",
} as const;

/** Web pages send lists with whatever type and key they have. */
const preflightHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, HEAD, POST, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, x-api-key',
  'access-control-max-age': '86400',
} as const;

const listSchema = { description: 'The list', content: { 'audio/x-mpegurl': { schema: z.string() } } };

const tokenSchema = z.object({ token: z.string().max(1_000).optional().describe('Is put into the links') });

const fetchSchema = tokenSchema.extend({ m3u_url: z.string().min(1).max(4_096).describe('http or https') });

type M3uConfig = Pick<Config, 'basePath' | 'm3uNetworks' | 'm3uMaxMb' | 'm3uTimeoutMs'>;

/** `/modify_m3u`: playlists with their AceStream links turned into links to this server. */
export function modifyM3uRoutes({ basePath, m3uNetworks, m3uMaxMb, m3uTimeoutMs }: M3uConfig): Routes {
  const guard = new AddressGuard(m3uNetworks);
  const maxBytes = m3uMaxMb * 2 ** 20;
  const tooLarge = (): ApiError => new ApiError(413, 'too_large', `The list is larger than ${m3uMaxMb} MiB.`);

  const targetOf = (request: FastifyRequest): LinkTarget => {
    const { token } = request.query as z.infer<typeof tokenSchema>;
    const { origin, basePath: path } = publicUrlOf(request, basePath);
    return { base: origin + path, token };
  };

  /** A fault of the list is an error while nothing has been sent; then it can only end the connection. */
  const send = (
    list: Readable & { readonly headers?: IncomingHttpHeaders },
    request: FastifyRequest,
    reply: FastifyReply,
    fault: (error: Error) => Error = (error) => error,
  ): FastifyReply => {
    if (Number(list.headers?.['content-length'] ?? 0) > maxBytes) throw tooLarge();
    const rewriter = new PlaylistRewriter(targetOf(request), { maxBytes, tooLarge });
    list.once('error', (error) => rewriter.destroy(fault(error)));
    rewriter.once('close', () => list.destroy());
    return reply.headers(listHeaders).send(list.pipe(rewriter));
  };

  return (app, _options, done) => {
    app.options('/modify_m3u', { schema: { hide: true }, config: { area: 'open' } }, (_request, reply) => {
      reply.code(204).headers(preflightHeaders).send();
    });

    // Players such as Kodi ask before they fetch a list: nobody is asked for it yet.
    app.head(
      '/modify_m3u',
      { schema: { hide: true, querystring: fetchSchema }, config: { area: 'playback' } },
      (request, reply) => {
        parseListUrl(request.query.m3u_url);
        reply.headers(listHeaders).send();
      },
    );

    app.get(
      '/modify_m3u',
      {
        schema: {
          operationId: 'fetchPlaylist',
          summary: 'Fetch a playlist and turn its AceStream links into links to this server',
          description: 'All other bytes stay as they are. With `?token=` the links have it, too.',
          tags: ['playlists'],
          querystring: fetchSchema,
          response: { 200: listSchema },
        },
        config: {
          area: 'playback',
          errors: {
            413: ['too_large'],
            422: ['list_not_allowed'],
            502: ['list_unavailable'],
            504: ['list_timeout'],
          },
        },
        exposeHeadRoute: false,
      },
      async (request, reply) => {
        const left = new AbortController();
        reply.raw.once('close', () => left.abort());
        const timeout = AbortSignal.timeout(m3uTimeoutMs);
        const fault = (cause: unknown): Error => {
          if (cause instanceof ApiError) return cause;
          const options = { cause, retryable: true };
          return timeout.aborted
            ? new ApiError(504, 'list_timeout', `The playlist did not come within ${m3uTimeoutMs} ms.`, options)
            : new ApiError(502, 'list_unavailable', 'The playlist broke off.', options);
        };
        try {
          const list = await fetchList(request.query.m3u_url, {
            guard,
            signal: AbortSignal.any([left.signal, timeout]),
          });
          return send(list, request, reply, fault);
        } catch (error) {
          left.abort();
          throw fault(error);
        }
      },
    );

    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    app.post(
      '/modify_m3u',
      {
        bodyLimit: maxBytes,
        schema: {
          operationId: 'rewritePlaylist',
          summary: 'Turn the AceStream links of a playlist into links to this server',
          description: 'All other bytes stay as they are. With `?token=` the links have it, too.',
          tags: ['playlists'],
          consumes: ['audio/x-mpegurl'],
          querystring: tokenSchema,
          body: z.instanceof(Readable, { error: 'send the list as the body' }).describe('The list, in any encoding'),
          response: { 200: listSchema },
        },
        config: { area: 'playback' },
      },
      async (request, reply) => send(request.body, request, reply),
    );
    done();
  };
}
