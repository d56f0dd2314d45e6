import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.ts';

const allowed = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, x-api-key, last-event-id',
  'access-control-expose-headers': 'retry-after',
  'access-control-max-age': '86400',
} as const;

/** What is played is for pages of all hosts: the token in the URL says who may. */
const forAll = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' } as const;

/**
 * Lets pages of `corsOrigins` (`*` for all), read at each request, use every route that is added afterwards from a
 * browser, and all pages those for playback, also to read why they are refused. Credentials of the browser, such as
 * cookies, are never asked for: the key is sent by the page.
 */
export function allowOrigins(app: FastifyInstance, config: Pick<Config, 'corsOrigins'>): void {
  app.addHook('onRequest', async ({ headers: { origin }, routeOptions }, reply) => {
    const { area } = routeOptions.config;
    if (area === 'playback' || area === 'viewer') {
      reply.headers(forAll);
      return;
    }
    const origins = config.corsOrigins;
    if (origins.length === 0) return;
    const any = origins.includes('*');
    if (!any) reply.header('vary', 'origin');
    if (origin === undefined || !(any || origins.includes(origin))) return;
    reply.headers({ ...allowed, 'access-control-allow-origin': any ? '*' : origin });
  });
  app.options('/*', { schema: { hide: true }, config: { area: 'open' } }, (_request, reply) => {
    if (config.corsOrigins.length === 0) reply.callNotFound();
    else reply.code(204).send();
  });
}
