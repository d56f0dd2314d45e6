import { buildConnector, errors, Client as HttpClient } from 'undici';
import type { Source } from './contract.ts';
import { decodeBody } from './decode-body.ts';
import { SourceError } from './errors.ts';
import { type HttpAnswer, HttpExchange } from './http-exchange.ts';

export interface HttpSourceOptions {
  /** Gives up: the wait for the answer, or the body afterwards. */
  readonly signal?: AbortSignal;
  /** Names the source; default the URL's host. */
  readonly id?: string;
  /** Extra request headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Redirects followed, on the same host only. Default 5. */
  readonly maxRedirects?: number;
  /** Where a redirect leads in truth, for places that name themselves wrongly. Default as it says. */
  readonly redirect?: (to: URL, from: URL) => URL;
  /** Longest wait for a TCP connection. Default 10 000 ms. */
  readonly connectTimeoutMs?: number;
}

const PLAIN = /^(identity)?$/i;

/**
 * Opens a transport stream over HTTP with the manners a live engine needs: a connection of its own that is never
 * reused, no compression (what comes compressed all the same is decoded), no time limit on the answer (the caller's
 * signal has that), redirects on the same host only. Never asks with HEAD: a source may serve one reader.
 *
 * @throws {SourceError} `unreachable`, `connection_reset`, `broken_http`, `bad_status`, `bad_redirect`, `not_mpegts`
 *   for a content coding nobody knows; the chunks throw the first three as well. The signal's reason when it aborts.
 */
export async function httpSource(url: string | URL, options: HttpSourceOptions = {}): Promise<Source> {
  const { signal, maxRedirects = 5 } = options;
  let target = new URL(url);
  for (let hop = 0; ; hop++) {
    signal?.throwIfAborted();
    const { exchange, release } = ask(target, options);
    const answer = await exchange.answer.catch((error: unknown) => {
      signal?.throwIfAborted();
      throw translate(error, target);
    });
    if (answer.statusCode >= 200 && answer.statusCode < 300) {
      const id = options.id ?? target.host;
      const coding = answer.headers['content-encoding'] ?? '';
      if (PLAIN.test(String(coding))) return { id, chunks: exchange };
      try {
        return { id, chunks: decodeBody(exchange, String(coding), target.href) };
      } catch (error) {
        await release();
        throw error;
      }
    }
    await release();
    if (answer.statusCode < 300 || answer.statusCode >= 400) {
      throw new SourceError('bad-response', 'bad_status', `${target.href} answered ${answer.statusCode}`, {
        status: answer.statusCode,
      });
    }
    target = redirectOf(answer, target, { hop, maxRedirects, redirect: options.redirect });
  }
}

/** Sends the request on a connection of its own, which ends with the answer, at the signal, or on release. */
function ask(target: URL, options: HttpSourceOptions): { exchange: HttpExchange; release: () => Promise<void> } {
  const { signal, connectTimeoutMs = 10_000 } = options;
  const connection: Connection = { broken: undefined };
  const client = new HttpClient(target.origin, {
    pipelining: 0,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: watched(connection, connectTimeoutMs),
  });
  const release = (): Promise<void> => {
    signal?.removeEventListener('abort', release);
    return client.destroy();
  };
  signal?.addEventListener('abort', release, { once: true });
  const exchange = new HttpExchange({
    endOf(error) {
      if (signal?.aborted) return signal.reason;
      const broken = error ?? connection.broken;
      return broken === undefined ? undefined : translate(broken, target);
    },
    release,
  });
  client.dispatch(
    {
      method: 'GET',
      path: target.pathname + target.search,
      headers: { 'accept-encoding': 'identity', ...options.headers },
      reset: true,
    },
    exchange,
  );
  return { exchange, release };
}

interface Connection {
  /** What broke the connection. */
  broken: Error | undefined;
}

/** undici takes a reset for the end of a body that has no length; here it makes a difference. */
function watched(connection: Connection, timeout: number): buildConnector.connector {
  const connect = buildConnector({ timeout });
  return (options, callback) =>
    connect(options, (...result) => {
      result[1]?.once('error', (error: Error) => {
        // undici ends connections that it has no more use for with errors of its own.
        if (!(error instanceof errors.UndiciError)) connection.broken = error;
      });
      callback(...result);
    });
}

function redirectOf(
  answer: HttpAnswer,
  from: URL,
  { hop, maxRedirects, redirect }: { hop: number; maxRedirects: number; redirect: HttpSourceOptions['redirect'] },
): URL {
  const bad = (why: string): SourceError =>
    new SourceError('bad-response', 'bad_redirect', `${from.href} redirects ${why}`, { status: answer.statusCode });
  const { location } = answer.headers;
  if (typeof location !== 'string' || !URL.canParse(location, from.href)) throw bad('to nowhere');
  const said = new URL(location, from);
  const to = redirect === undefined ? said : redirect(said, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:') throw bad(`to ${to.protocol}`);
  if (to.hostname !== from.hostname) throw bad(`to another host, ${to.host}`);
  if (hop >= maxRedirects) throw bad(`more than ${maxRedirects} times`);
  return to;
}

const UNREACHABLE: ReadonlySet<string> = new Set(
  'ECONNREFUSED ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH EADDRNOTAVAIL UND_ERR_CONNECT_TIMEOUT'.split(' '),
);

function translate(error: unknown, target: URL): SourceError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const said = error instanceof Error ? error.message : String(error);
  const isBroken = error instanceof errors.HTTPParserError || code.startsWith('HPE_');
  // The parser's word for a connection that was cut off; undici gives its errors no code.
  if (isBroken && !said.includes('Invalid EOF state')) {
    return new SourceError('bad-response', 'broken_http', `${target.href} broke HTTP: ${said}`, { cause: error });
  }
  if (UNREACHABLE.has(code)) {
    return new SourceError('refused', 'unreachable', `${target.href} is unreachable: ${said}`, { cause: error });
  }
  return new SourceError('reset', 'connection_reset', `${target.href} broke off: ${said}`, { cause: error });
}
