import type { FastifyRequest } from 'fastify';
import { ApiError } from '../api-error.ts';
import type { Area, Credentials } from '../auth/access.ts';
import type { ClientAddress } from '../auth/client-address.ts';
import type { FailureLimit } from '../auth/failure-limit.ts';
import type { Grant } from '../auth/grant.ts';
import type { GrantedKey } from '../auth/granted-key.ts';
import type { PlaybackTokens } from '../auth/playback-tokens.ts';
import { shownCredentials } from './shown-credentials.ts';

export interface Judges {
  readonly key: GrantedKey;
  readonly tokens: PlaybackTokens;
  readonly failures: FailureLimit;
}

/** What the credentials of a request are worth. */
export interface Judgement {
  readonly worth: Credentials['key'];
  /** Of a token or key that is right. */
  readonly grant?: Grant;
  /** One that is wrong was right once: its owner is told, and does not count as somebody who guesses. */
  readonly isRevoked?: boolean;
}

export const nothingShown: Judgement = { worth: 'none' };

/** Judges a request. An address that guessed too often is not told any more. */
export async function judge(
  request: FastifyRequest,
  area: Area,
  { address }: ClientAddress,
  { key, tokens, failures }: Judges,
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
  const shown = typeof inUrl === 'string' ? [...keys, inUrl] : keys;
  const byKey = await key.admit(shown);
  if (byKey !== undefined) return { worth: 'right', grant: byKey };
  const wasToken = typeof inUrl === 'string' && tokens.wasRevoked(inUrl);
  return { worth: 'wrong', isRevoked: wasToken || key.wasReplaced(shown) };
}
