import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../api-error.ts';
import { type AccessRules, type Area, type Credentials, decideAccess } from '../auth/access.ts';
import { keysEqual } from '../auth/api-key.ts';
import type { ClientAddresses } from '../auth/client-address.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route gives away or changes. A route without one cannot be added. */
    area?: Area;
  }
}

/** What the guard found out about a request. */
export interface Access {
  /** The client's address, behind trusted proxies too. */
  readonly address: string;
  readonly local: boolean;
  /** Whether it came with the key, or keys are off: it may see URLs and secrets. */
  readonly privileged: boolean;
}

export interface GuardOptions {
  readonly addresses: ClientAddresses;
  readonly rules: AccessRules;
  readonly key: string;
}

/** Puts the key guard before every route that is added afterwards. */
export function installGuard(app: FastifyInstance, { addresses, rules, key }: GuardOptions): void {
  app.decorateRequest('access');
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.area === undefined)
      throw new TypeError(`${String(method)} ${url} has no area, so nothing would guard it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const area = request.routeOptions.config.area ?? 'open';
    const { address, local } = addresses.of(request.raw.socket.remoteAddress, request.headers);
    const shown = shownKey(request, area, key);
    request.setDecorator<Access>('access', { address, local, privileged: rules.auth === 'off' || shown === 'right' });
    const verdict = decideAccess(area, rules, { local, key: shown });
    if (verdict === 'granted') return;
    reply.header('www-authenticate', 'Bearer');
    throw verdict === 'key_missing'
      ? new ApiError(
          401,
          'key_missing',
          'This needs the API key: send it as "Authorization: Bearer <key>" or "X-API-Key: <key>".',
        )
      : new ApiError(403, 'key_wrong', 'The API key is wrong.');
  });
}

/** What {@link installGuard} found out about `request`. */
export function accessOf(request: FastifyRequest): Access {
  return request.getDecorator<Access>('access');
}

/** Players cannot send headers, so playback takes `?token=` as well. */
function shownKey(request: FastifyRequest, area: Area, key: string): Credentials['key'] {
  const { authorization, 'x-api-key': header } = request.headers;
  const token = area === 'playback' ? (request.query as Record<string, unknown>)['token'] : undefined;
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  const shown = [bearer, header, token].filter((each) => each !== undefined);
  if (shown.length === 0) return 'none';
  return shown.some((each) => typeof each === 'string' && keysEqual(each, key)) ? 'right' : 'wrong';
}
