import { Client } from 'undici';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import { AceError } from './ace-error.ts';

export interface TextReply {
  readonly status: number;
  readonly text: string;
}

export interface GetOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** No answer of an engine's API comes near it. */
const maxReplyBytes = 1 << 20;

/**
 * GETs a small answer of an engine with the manners that engines need: a connection of its own that is closed
 * afterwards (they answer HTTP/1.1 without a length), no compression, no redirect, never a HEAD.
 *
 * Rejects with an AceError (`engine_unreachable`, `engine_hung`, `bad_response`) or the signal's reason.
 */
export async function getText(url: string, { clock, timeoutMs: ms, signal }: GetOptions): Promise<TextReply> {
  const { origin, pathname, search } = new URL(url);
  const timeoutReason = (): AceError =>
    new AceError('engine_hung', `The engine at ${origin} did not answer ${pathname} within ${ms} ms`);
  // Timeouts are ours: undici's have a coarse clock of their own.
  const client = new Client(origin, {
    connectTimeout: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxReplyBytes,
  });
  try {
    return await limitTime(
      async (attempt) => {
        const reply = await client.request({
          method: 'GET',
          path: `${pathname}${search}`,
          headers: { 'accept-encoding': 'identity' },
          // Sends `Connection: close`, and closes.
          reset: true,
          signal: attempt,
        });
        return { status: reply.statusCode, text: await reply.body.text() };
      },
      { clock, ms, signal, timeoutReason },
    );
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw error instanceof AceError ? error : explain(error, origin, pathname);
  } finally {
    await client.destroy();
  }
}

const unreachableCodes: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ETIMEDOUT',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
]);

function explain(cause: unknown, origin: string, path: string): AceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return unreachableCodes.has(code) || cause instanceof AggregateError
    ? new AceError('engine_unreachable', `The engine at ${origin} cannot be reached: ${reason}`, { cause })
    : new AceError('bad_response', `The engine at ${origin} answered ${path} with broken HTTP: ${reason}`, { cause });
}
