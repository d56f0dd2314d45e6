import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError } from '../api-error.ts';
import { type AccessRules, type Area, type Credentials, decideAccess } from '../auth/access.ts';
import type { ClientAddress, ClientAddresses } from '../auth/client-address.ts';
import type { FailureLimit } from '../auth/failure-limit.ts';
import type { Grant } from '../auth/grant.ts';
import type { GrantedKey } from '../auth/granted-key.ts';
import type { PlaybackTokens } from '../auth/playback-tokens.ts';
import { shownCredentials } from './shown-credentials.ts';

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

export interface GuardOptions {
  readonly addresses: ClientAddresses;
  readonly rules: AccessRules;
  readonly key: GrantedKey;
  readonly tokens: PlaybackTokens;
  readonly failures: FailureLimit;
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
    const { worth: shown, grant } = guarded ? await judge(request, area, client, options) : nothingShown;
    request.setDecorator<Access>('access', {
      ...client,
      privileged: rules.auth === 'off' || shown === 'right',
      grantId: grant?.id,
      withdrawn: grant === undefined ? undefined : endWith(grant, reply.raw),
    });
    if (shown === 'wrong') failures.failed(client.address);
    const verdict = decideAccess(area, rules, { local: client.local, key: shown });
    if (verdict === 'granted') return;
    reply.header('www-authenticate', 'Bearer');
    throw verdict === 'key_missing'
      ? new ApiError(
          401,
          'key_missing',
          'This needs the API key: send it as "Authorization: Bearer <key>" or "X-API-Key: <key>".',
        )
      : new ApiError(403, 'key_wrong', 'The API key or token is wrong.');
  });
}

/** What {@link installGuard} found out about `request`. */
export function accessOf(request: FastifyRequest): Access {
  return request.getDecorator<Access>('access');
}

interface Judgement {
  readonly worth: Credentials['key'];
  readonly grant?: Grant;
}

const nothingShown: Judgement = { worth: 'none' };

/** What the credentials of a request are worth. An address that guessed too often is not told any more. */
async function judge(
  request: FastifyRequest,
  area: Area,
  { address }: ClientAddress,
  { key, tokens, failures }: GuardOptions,
): Promise<Judgement> {
  const { keys, token } = shownCredentials(request);
  // Players cannot send headers, so playback takes a token in the URL, and the key there as well.
  const inUrl = area === 'playback' ? token : undefined;
  if (keys.length === 0 && inUrl === undefined) return nothingShown;
  const seconds = failures.blockedSeconds(address);
  if (seconds > 0) {
    throw new ApiError(429, 'too_many_attempts', `Too many wrong keys from ${address}.`, {
      retryable: true,
      retryAfterSeconds: seconds,
    });
  }
  const byToken = typeof inUrl === 'string' ? tokens.admit(inUrl) : undefined;
  if (byToken !== undefined) return { worth: 'token', grant: byToken };
  const byKey = await key.admit(typeof inUrl === 'string' ? [...keys, inUrl] : keys);
  return byKey === undefined ? { worth: 'wrong' } : { worth: 'right', grant: byKey };
}

/** Cuts an answer off that goes on when the grant of its request is withdrawn. One that has not begun hears it by the signal. */
function endWith(grant: Grant, response: ServerResponse): AbortSignal {
  const end = new AbortController();
  const release = grant.hold((reason) => {
    const goesOn = response.headersSent && !response.writableEnded;
    // A reset, and before anybody else closes it: what the kernel has and the player has not read is not for it any more.
    if (goesOn) response.socket?.resetAndDestroy();
    end.abort(reason);
    return goesOn;
  });
  response.once('close', release);
  return end.signal;
}
