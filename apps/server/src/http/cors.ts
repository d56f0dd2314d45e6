import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config.ts';

const allowed = {
  'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  'access-control-allow-headers': 'authorization, content-type, x-api-key, last-event-id',
  'access-control-expose-headers': 'retry-after',
  'access-control-max-age': '86400',
} as const;

/**
 * Lets pages of `corsOrigins` (`*` for all), read at each request, use every route that is added afterwards from a
 * browser. Credentials of the browser, such as cookies, are never asked for: the key is sent by the page.
 */
export function allowOrigins(app: FastifyInstance, config: Pick<Config, 'corsOrigins'>): void {
  app.addHook('onRequest', async ({ headers: { origin } }, reply) => {
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
