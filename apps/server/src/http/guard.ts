import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../api-error.ts';
import { type AccessRules, type Area, decideAccess, type Verdict } from '../auth/access.ts';
import type { ClientAddress, ClientAddresses } from '../auth/client-address.ts';
import { endWithGrant } from './end-with-grant.ts';
import { type Judges, judge, nothingShown } from './judge-credentials.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route gives away or changes. A route without one cannot be added. */
    area?: Area;
  }
}

/** What the guard found out about a request. */
export interface Access extends ClientAddress {
  /** Whether it came with the key, or keys are off: it may see URLs and secrets. */
  readonly privileged: boolean;
  /** What it was let in with, where that was a token or the key. */
  readonly grantId: string | undefined;
  /** Aborts with an ApiError when that is withdrawn. An answer that has begun is cut off then, in any route. */
  readonly withdrawn: AbortSignal | undefined;
}

export interface GuardOptions extends Judges {
  readonly addresses: ClientAddresses;
  readonly rules: AccessRules;
}

/** Puts the key guard before every route that is added afterwards. */
export function installGuard(app: FastifyInstance, options: GuardOptions): void {
  const { addresses, rules, failures } = options;
  app.decorateRequest('access');
  app.addHook('onRoute', ({ method, url, config }) => {
    if (config?.area === undefined)
      throw new TypeError(`${String(method)} ${url} has no area, so nothing would guard it`);
  });
  app.addHook('onRequest', async (request, reply) => {
    const area = request.routeOptions.config.area ?? 'open';
    const client = addresses.of(request.raw.socket.remoteAddress, request.headers);
    const guarded = area !== 'open' && area !== 'viewer' && rules.auth === 'on';
    const { worth: shown, grant, isRevoked } = guarded ? await judge(request, area, client, options) : nothingShown;
    request.setDecorator<Access>('access', {
      ...client,
      privileged: rules.auth === 'off' || shown === 'right',
      grantId: grant?.id,
      withdrawn: grant === undefined ? undefined : endWithGrant(grant, reply.raw),
    });
    if (shown === 'wrong' && !isRevoked) failures.failed(client.address);
    const verdict = decideAccess(area, rules, { local: client.local, key: shown });
    if (verdict === 'granted') return;
    reply.header('www-authenticate', 'Bearer');
    throw refusal(verdict, isRevoked === true);
  });
}

/** What {@link installGuard} found out about `request`. */
export function accessOf(request: FastifyRequest): Access {
  return request.getDecorator<Access>('access');
}

function refusal(verdict: Exclude<Verdict, 'granted'>, isRevoked: boolean): ApiError {
  if (verdict === 'key_missing') {
    return new ApiError(
      401,
      'key_missing',
      'This needs the API key: send it as "Authorization: Bearer <key>" or "X-API-Key: <key>".',
    );
  }
  return isRevoked
    ? new ApiError(403, 'access_revoked', 'The API key or token was revoked.')
    : new ApiError(403, 'key_wrong', 'The API key or token is wrong.');
}
