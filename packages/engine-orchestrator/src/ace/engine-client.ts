import { randomBytes } from 'node:crypto';
import { type Clock, systemClock } from '../time/clock.ts';
import { AceError } from './ace-error.ts';
import { type AceContentInfo, linkOf, parseContentInfo } from './content-info.ts';
import type { ContentKind, ContentRef } from './content-ref.ts';
import { type EngineAddress, engineOrigin } from './engine-address.ts';
import { type AceStatus, type AceVersion, parseStatus, parseVersion } from './engine-version.ts';
import { getText } from './get-text.ts';
import { type JsonObject, readFlag } from './read-fields.ts';
import { readReply } from './read-reply.ts';
import { type AceSession, parseSession } from './session.ts';
import { type AceStat, parseStat } from './stat.ts';

export interface AceEngineClientOptions extends EngineAddress {
  /** Time limit of an answer, both tries of an `open` together. Default 15 000 ms. */
  readonly jsonTimeoutMs?: number;
  /** Time limit of a stop, and of tidying up after an `open` that was given up. Default 5 000 ms. */
  readonly stopTimeoutMs?: number;
  /** Default the system's. */
  readonly clock?: Clock;
}

export interface AceCallOptions {
  readonly signal?: AbortSignal;
}

export interface AceOpenOptions extends AceCallOptions {
  /**
   * Names the player. Two sessions of one player end each other, and an old name may resurrect an old session, so the
   * default is a new random one each time.
   */
  readonly pid?: string;
  /** What `playbackUrl` will be: one endless MPEG-TS body, or an HLS playlist. Default `ts`. */
  readonly output?: 'ts' | 'hls';
  /**
   * Asked before a session that was opened in vain is stopped: true leaves it running, because somebody else plays the
   * content there and the stop would end it for them, too. Default false.
   */
  readonly isShared?: (session: AceSession) => boolean;
}

const queryNames: Readonly<Record<ContentKind, string>> = {
  // `content_id` is the newer name of the same; engines before 3.2 know only this one.
  content_id: 'id',
  infohash: 'infohash',
  url: 'url',
  magnet: 'magnet',
};

/**
 * The HTTP API of one engine. Keeps no connection and no state: every call uses a connection of its own.
 *
 * Calls reject with an {@link AceError} or with the signal's reason.
 */
export class AceEngineClient {
  /** `http://host:port`. */
  readonly origin: string;
  readonly #jsonTimeoutMs: number;
  readonly #stopTimeoutMs: number;
  readonly #clock: Clock;

  constructor(options: AceEngineClientOptions) {
    this.origin = engineOrigin(options);
    this.#jsonTimeoutMs = options.jsonTimeoutMs ?? 15_000;
    this.#stopTimeoutMs = options.stopTimeoutMs ?? 5_000;
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * Starts a content. A content id that the engine cannot load is tried as an infohash, and the other way round,
   * because people mix them up; `ref` of the session says what it was.
   *
   * When the signal aborts, the engine may have started already: the answer is awaited for `stopTimeoutMs` and what
   * was started is stopped, so that nothing is left behind when this rejects. Success says nothing about whether
   * anybody offers the content. On-demand content is stopped and rejected with `vod_not_supported`.
   */
  async open(ref: ContentRef, options: AceOpenOptions = {}): Promise<AceSession> {
    const { pid = randomBytes(16).toString('hex'), signal } = options;
    signal?.throwIfAborted();
    const startedAt = this.#clock.now();
    try {
      return await this.#start(ref, pid, this.#jsonTimeoutMs, options);
    } catch (error) {
      const other = isWrongKind(error) ? otherKind(ref) : undefined;
      const remainingMs = this.#jsonTimeoutMs - (this.#clock.now() - startedAt);
      if (other === undefined || remainingMs <= 0) throw error;
      return await this.#startAsOther(other, pid, remainingMs, options, error);
    }
  }

  /** Asks for the figures of a session, in a way that does not count as a player's activity. */
  async stat({ statUrl }: Pick<AceSession, 'statUrl'>, options: AceCallOptions = {}): Promise<AceStat> {
    const url = withParameter(statUrl, 'skip_player_activity', '1');
    return parseStat(await this.#get(url, 'response', 'stat', options.signal));
  }

  /** Ends a session, and with it every other one of the same content there. False when the engine did not know it. */
  async stop({ commandUrl }: Pick<AceSession, 'commandUrl'>, options: AceCallOptions = {}): Promise<boolean> {
    try {
      const url = withParameter(commandUrl, 'method', 'stop');
      await this.#get(url, 'response', 'stop', options.signal, this.#stopTimeoutMs);
      return true;
    } catch (error) {
      if (error instanceof AceError && error.code === 'session_gone') return false;
      throw error;
    }
  }

  /** What the engine knows about a content without starting it. */
  async describe(ref: Pick<ContentRef, 'kind' | 'value'>, options: AceCallOptions = {}): Promise<AceContentInfo> {
    const url = `${this.origin}/server/api?api_version=3&method=analyze_content&query=${encodeURIComponent(linkOf(ref))}`;
    return parseContentInfo(await this.#get(url, 'result', 'analyze_content', options.signal));
  }

  async version(options: AceCallOptions = {}): Promise<AceVersion> {
    const url = `${this.origin}/webui/api/service?method=get_version`;
    const version = parseVersion(await this.#get(url, 'result', 'get_version', options.signal));
    if (version === undefined) throw this.#lacks('get_version', 'version');
    return version;
  }

  async status(options: AceCallOptions = {}): Promise<AceStatus> {
    return parseStatus(await this.#server('get_status', options.signal));
  }

  /** Whether the engine says that it has reached its network. */
  async networkConnected(options: AceCallOptions = {}): Promise<boolean> {
    const method = 'get_network_connection_status';
    const connected = readFlag(await this.#server(method, options.signal), 'connected');
    if (connected === undefined) throw this.#lacks(method, 'connected');
    return connected;
  }

  async #start(ref: ContentRef, pid: string, timeoutMs: number, options: AceOpenOptions): Promise<AceSession> {
    const { signal, isShared, output = 'ts' } = options;
    const query = new URLSearchParams({ format: 'json', [queryNames[ref.kind]]: ref.value, pid });
    if (ref.fileIndex !== undefined) query.set('_idx', String(ref.fileIndex));
    const givenUp = new AbortController();
    let cancelGrace: (() => void) | undefined;
    const onAbort = (): void => {
      cancelGrace = this.#clock.after(this.#stopTimeoutMs, () => givenUp.abort());
    };
    signal?.addEventListener('abort', onAbort);
    let session: AceSession;
    try {
      const path = output === 'hls' ? '/ace/manifest.m3u8' : '/ace/getstream';
      const url = `${this.origin}${path}?${query}`;
      const response = await this.#get(url, 'response', `start of ${ref.kind}`, givenUp.signal, timeoutMs);
      session = parseSession(response, this.origin, ref, pid);
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    } finally {
      cancelGrace?.();
      signal?.removeEventListener('abort', onAbort);
    }
    if (session.isLive && !signal?.aborted) return session;
    // An engine that does not take this stop ends the session by itself, as it has no reader.
    if (!isShared?.(session)) await this.stop(session).catch(() => false);
    if (signal?.aborted) throw signal.reason;
    throw new AceError(
      'vod_not_supported',
      `The content ${ref.kind}:${ref.value} is on demand; only live is supported`,
    );
  }

  async #startAsOther(
    ref: ContentRef,
    pid: string,
    timeoutMs: number,
    options: AceOpenOptions,
    first: unknown,
  ): Promise<AceSession> {
    try {
      return await this.#start(ref, pid, timeoutMs, options);
    } catch (error) {
      const saysMore = error instanceof AceError && ['engine_unreachable', 'vod_not_supported'].includes(error.code);
      // Looking for a hash that does not exist may take an engine for ever: that is no fault of the engine's.
      throw options.signal?.aborted || saysMore ? error : first;
    }
  }

  #server(method: string, signal: AbortSignal | undefined): Promise<JsonObject> {
    return this.#get(`${this.origin}/server/api?api_version=3&method=${method}`, 'result', method, signal);
  }

  async #get(
    url: string,
    payload: 'response' | 'result',
    what: string,
    signal: AbortSignal | undefined,
    timeoutMs: number = this.#jsonTimeoutMs,
  ): Promise<JsonObject> {
    const reply = await getText(url, { clock: this.#clock, timeoutMs, signal });
    return readReply(reply, payload, `The ${what} at ${this.origin}`);
  }

  #lacks(method: string, field: string): AceError {
    return new AceError('bad_response', `The ${method} at ${this.origin} was answered without ${field}`);
  }
}

function isWrongKind(error: unknown): boolean {
  return (
    error instanceof AceError && error.code === 'content_dead' && /failed to load/i.test(error.engineMessage ?? '')
  );
}

function otherKind(ref: ContentRef): ContentRef | undefined {
  if (ref.kind === 'content_id') return { ...ref, kind: 'infohash' };
  if (ref.kind === 'infohash') return { ...ref, kind: 'content_id' };
  return undefined;
}

function withParameter(url: string, name: string, value: string): string {
  const parsed = new URL(url);
  parsed.searchParams.set(name, value);
  return parsed.href;
}
