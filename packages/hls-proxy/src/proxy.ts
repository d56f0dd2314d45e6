import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Answer, preflight, refusal } from './answer.ts';
import { systemClock } from './clock.ts';
import type { Clock, HlsProxyHooks, HlsProxySettings, HlsProxyStats, SessionStats } from './contract.ts';
import { HlsProxyError } from './errors.ts';
import { type Announce, announcer } from './lifecycle.ts';
import { defaultKeyOf } from './media-path.ts';
import type { PlaylistDirectives } from './playlist-request.ts';
import type { StoredBytes } from './publication.ts';
import { type HlsRequest, Responder } from './responder.ts';
import type { OpenSegments } from './segment-source.ts';
import { toResponse } from './send-fetch.ts';
import { sendAnswer } from './send-node.ts';
import { Sessions } from './sessions.ts';
import { type HlsProxySettingsInput, resolveSettings } from './settings.ts';

export interface HlsProxyOptions extends HlsProxySettingsInput {
  /** Opens the segments of a key. */
  readonly open: OpenSegments;
  /**
   * The key of a URL that a player enters by; undefined for no such stream. What comes out of it is what `open` gets:
   * check it. Default what stands before `.m3u8` at the end of the path, where that is letters, digits, `_` and `-`.
   */
  readonly keyOf?: (url: URL) => string | undefined;
  /** Lifecycle hooks. */
  readonly on?: HlsProxyHooks;
  /** Time and timers; default monotonic. */
  readonly clock?: Clock;
}

export interface ServeOptions {
  /** The stream of a player that enters; default what `keyOf` makes of the URL. Not looked at on our own paths. */
  readonly key?: string;
  /** Of the player. Default the socket's, where there is one: give the true one behind a proxy. */
  readonly address?: string;
  /**
   * What a player that enters was let in with, an id of yours: {@link HlsProxy.revoke} ends its viewers, however they
   * go on under their URLs. Not looked at on our own paths.
   */
  readonly grant?: string;
  /** Gives up waiting. */
  readonly signal?: AbortSignal;
}

export interface PlaylistOptions extends PlaylistDirectives {
  readonly signal?: AbortSignal;
}

/**
 * Publishes live segments as HLS: one session, and one source, per key, however many viewers poll it.
 *
 * @throws TypeError or RangeError from the constructor for a setting that does not exist or is out of bounds
 */
export class HlsProxy implements AsyncDisposable {
  readonly settings: HlsProxySettings;
  readonly #sessions: Sessions;
  readonly #responder: Responder;
  readonly #keyOf: (url: URL) => string | undefined;

  constructor(options: HlsProxyOptions) {
    const { open, keyOf, on, clock = systemClock, ...settings } = options;
    if (typeof open !== 'function') throw new TypeError('open must be a function that opens the segments of a key');
    this.settings = resolveSettings(settings);
    const announce: Announce = announcer(on ?? {});
    this.#sessions = new Sessions({ open, settings: this.settings, clock, announce });
    // Names begin anew with each process: what was cached of an earlier one must not match.
    this.#responder = new Responder(this.#sessions, this.settings, randomBytes(6).toString('base64url'));
    this.#keyOf = keyOf ?? defaultKeyOf;
  }

  /**
   * The live playlist of a key, as text in a buffer that must not be written to. Starts the session where there is
   * none, and waits for a first window, or for `msn` and `part`.
   *
   * @throws {HlsProxyError} `open_failed`, `not_ready`, `session_ended`, `reload_timeout`, `bad_directive`,
   *   `too_many_sessions`, `closed`; the signal's reason when it aborts
   */
  async playlist(key: string, options: PlaylistOptions = {}): Promise<Buffer> {
    options.signal?.throwIfAborted();
    const session = this.#sessions.obtain(key);
    const viewer = this.#responder.caller(session);
    session.audience.touch(viewer, false);
    return (await session.playlist(options, options.signal)).read();
  }

  /**
   * What a name in that playlist stands for. Its views are shared memory: do not write to them.
   *
   * @throws {HlsProxyError} `not_found`, `session_ended`; the signal's reason when it aborts
   */
  async segment(key: string, name: string, options: { readonly signal?: AbortSignal } = {}): Promise<StoredBytes> {
    options.signal?.throwIfAborted();
    const session = this.#sessions.find(key);
    if (session === undefined) throw new HlsProxyError('not_found', `${key} is not being played`);
    session.audience.touch(this.#responder.caller(session), false);
    return session.bytesOf(name, options.signal);
  }

  /**
   * Answers a request of a player. Nothing has been sent when it rejects: what to say is up to the caller.
   *
   * @throws {HlsProxyError} any but the `upstream` ones; the signal's reason when it aborts
   */
  async serve(request: IncomingMessage, response: ServerResponse, options: ServeOptions = {}): Promise<void> {
    const gone = new AbortController();
    const leave = (): void => gone.abort(new DOMException('The player went away', 'AbortError'));
    response.once('close', leave);
    try {
      const answer = await this.#answer({
        method: request.method ?? 'GET',
        url: request.url ?? '/',
        header: (name) => {
          const value = request.headers[name];
          return typeof value === 'string' ? value : undefined;
        },
        address: options.address ?? request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? '',
        key: options.key,
        grant: options.grant,
        signal: options.signal === undefined ? gone.signal : AbortSignal.any([gone.signal, options.signal]),
      });
      sendAnswer(answer, response);
    } finally {
      response.off('close', leave);
    }
  }

  /** {@link serve} as a listener for `http.createServer`: errors become answers, as plain text. */
  nodeHandler(): (request: IncomingMessage, response: ServerResponse) => void {
    return (request, response) => {
      this.serve(request, response).catch((error: unknown) => {
        if (!response.headersSent && !response.destroyed) sendAnswer(refusal(error), response);
        else response.destroy();
      });
    };
  }

  /** The same for whatever speaks `Request` and `Response`. Never rejects: errors become answers. */
  async handle(request: Request, options: ServeOptions = {}): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    try {
      const answer = await this.#answer({
        method: request.method,
        url: pathname + search,
        header: (name) => request.headers.get(name) ?? undefined,
        address: options.address ?? '',
        key: options.key,
        grant: options.grant,
        signal: options.signal === undefined ? request.signal : AbortSignal.any([request.signal, options.signal]),
      });
      return toResponse(answer);
    } catch (error) {
      return toResponse(refusal(error));
    }
  }

  async #answer(request: HlsRequest): Promise<Answer> {
    if (request.method === 'OPTIONS') return preflight();
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      throw new HlsProxyError('bad_method', `${request.method} is not for playlists and segments`);
    }
    return this.#responder.answer(request, this.#keyOf);
  }

  /** Ends a session now: those who wait with `session_ended`, its source once. False when there is none. */
  async stop(key: string): Promise<boolean> {
    const session = this.#sessions.find(key);
    await session?.close('stopped');
    return session !== undefined;
  }

  /**
   * Opens another source beside the one that delivers, and leaves that one for it when it is ready: for viewers a
   * discontinuity and nothing else. Resolves with true then. With false, and all as it was, when the other source cannot
   * be had, and when the session has no viewers, no source that delivers, or is being moved.
   */
  async move(key: string): Promise<boolean> {
    return this.#sessions.find(key)?.move() ?? false;
  }

  /**
   * Ends the viewers that were let in with a grant: their downloads break off, what they wait for and whatever they ask
   * for from now on rejects with `revoked`. Grants that were revoked are remembered as long as the proxy lives. Returns
   * how many viewers that were.
   */
  revoke(grant: string): number {
    return this.#responder.revoke(grant);
  }

  /** Ends the session that has lingered longest. False when none lingers. */
  reclaim(): boolean {
    return this.#sessions.reclaim();
  }

  /** Whether a session of this key runs, lingering ones included. */
  has(key: string): boolean {
    return this.#sessions.find(key) !== undefined;
  }

  /** A snapshot of everything, or of one session. */
  stats(): HlsProxyStats;
  stats(key: string): SessionStats | undefined;
  stats(key?: string): HlsProxyStats | SessionStats | undefined {
    return key === undefined ? this.#sessions.stats() : this.#sessions.find(key)?.stats();
  }

  /** Ends every session. Resolves when all sources have been closed; later requests are refused. */
  async close(): Promise<void> {
    await this.#sessions.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
