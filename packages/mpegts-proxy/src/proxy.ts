import type { ServerResponse } from 'node:http';
import type { Client } from './client.ts';
import { systemClock } from './clock.ts';
import type {
  ClientResult,
  Clock,
  OpenSource,
  ProxyHooks,
  ProxySettings,
  ProxyStats,
  SessionStats,
  SpliceKind,
} from './contract.ts';
import { MpegTsProxyError } from './errors.ts';
import { type Announce, announcer } from './lifecycle.ts';
import { MemoryBudget } from './memory-budget.ts';
import type { Segment, SegmentsOptions } from './segment-contract.ts';
import { resolveSegmentSettings } from './segment-settings.ts';
import { SegmentStream } from './segment-stream.ts';
import { Session } from './session.ts';
import { type ProxySettingsInput, resolveSettings } from './settings.ts';

export interface MpegTsProxyOptions extends ProxySettingsInput {
  /** Opens a source for a key. */
  readonly open: OpenSource;
  /** Lifecycle hooks. */
  readonly on?: ProxyHooks;
  /** Time and timers; default monotonic. */
  readonly clock?: Clock;
  /** Bytes that others hold of `limits.memoryBytes`, asked often: rings make do with the rest. Default nothing. */
  readonly outsideBytes?: () => number;
}

export interface JoinOptions {
  /** Leaves: the wait before the first bytes, or the client afterwards. */
  readonly signal?: AbortSignal;
  /** Told in statistics and hooks, an address for example. */
  readonly label?: string;
  /** How far behind live this client starts; default `join.behindMs`. */
  readonly behindMs?: number;
}

export interface AttachOptions extends JoinOptions {
  /** Headers beside those of a live stream. */
  readonly headers?: Readonly<Record<string, string>>;
}

const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'video/mp2t',
  'cache-control': 'no-store',
  'accept-ranges': 'none',
  connection: 'close',
};

/**
 * Fans live MPEG-TS sources out: one session, and one source, per key, however many clients join it.
 *
 * @throws TypeError or RangeError from the constructor for a setting that does not exist or is out of bounds
 */
export class MpegTsProxy implements AsyncDisposable {
  #settings: ProxySettings;
  readonly #open: OpenSource;
  readonly #clock: Clock;
  readonly #announce: Announce;
  readonly #budget: MemoryBudget;
  readonly #sessions = new Map<string, Session>();
  readonly #closing = new Set<Promise<void>>();
  #nextClient = 1;
  #closed = false;
  #ended = { bytesIn: 0, bytesOut: 0, exact: 0, gap: 0, cut: 0, continuityErrors: 0, skips: 0 };
  #sessionsStarted = 0;
  #clientsJoined = 0;

  constructor(options: MpegTsProxyOptions) {
    const { open, on, clock, outsideBytes, ...settings } = options;
    if (typeof open !== 'function') throw new TypeError('open must be a function that opens a source for a key');
    this.#settings = resolveSettings(settings);
    this.#open = open;
    this.#clock = clock ?? systemClock;
    this.#announce = announcer(on ?? {});
    const relieve = (): void => {
      for (const session of this.#sessions.values()) session.trim();
    };
    this.#budget = new MemoryBudget(this.#settings.limits.memoryBytes, relieve, outsideBytes);
  }

  /** The settings that a session would start with now. */
  get settings(): ProxySettings {
    return this.#settings;
  }

  /**
   * Takes other settings, for sessions that start from now on and for limits at once; those that run keep theirs. What is
   * left out takes its default. The memory budget stays as it was made.
   *
   * @throws TypeError or RangeError as the constructor does, and then nothing has changed
   */
  configure(settings: ProxySettingsInput): void {
    const { limits, ...rest } = resolveSettings(settings);
    this.#settings = { ...rest, limits: { ...limits, memoryBytes: this.#settings.limits.memoryBytes } };
  }

  /**
   * Joins the session of a key, or starts it. Resolves once there is something to start from: PAT, PMT and a keyframe
   * where the stream has them.
   *
   * @throws {MpegTsProxyError} before any byte: `open_failed`, `session_ended`, `too_many_clients`,
   *   `too_many_sessions`, `out_of_memory`, `closed`; the signal's reason when it aborts
   */
  async join(key: string, options: JoinOptions = {}): Promise<Client> {
    options.signal?.throwIfAborted();
    const session = this.#sessionFor(key);
    const limit = this.#settings.limits.clientsPerSession;
    if (session.clientCount >= limit) {
      throw new MpegTsProxyError(
        'too_many_clients',
        `${key} has ${session.clientCount} clients, the limit is ${limit}`,
      );
    }
    const client = await session.join({
      clientId: `client-${this.#nextClient++}`,
      label: options.label,
      behindMs: options.behindMs ?? this.#settings.join.behindMs,
      signal: options.signal,
    });
    this.#clientsJoined++;
    return client;
  }

  #sessionFor(key: string): Session {
    if (this.#closed)
      throw new MpegTsProxyError('closed', `The proxy is closed; ${key} was refused`, { retryable: false });
    const running = this.#sessions.get(key);
    if (running !== undefined) return running;
    const { sessions: limit, memoryBytes } = this.#settings.limits;
    if (this.#sessions.size >= limit && !this.reclaim()) {
      throw new MpegTsProxyError('too_many_sessions', `${this.#sessions.size} streams run, the limit is ${limit}`);
    }
    if (!this.#budget.admits(this.#sessions.size) && !this.reclaim()) {
      throw new MpegTsProxyError('out_of_memory', `${this.#budget.usedBytes} of ${memoryBytes} bytes are in use`);
    }
    const session = new Session({
      key,
      open: this.#open,
      settings: this.#settings,
      clock: this.#clock,
      budget: this.#budget,
      announce: this.#announce,
      sessionCount: () => this.#sessions.size,
      closed: (ended) => this.#forget(ended),
    });
    this.#sessions.set(key, session);
    this.#sessionsStarted++;
    return session;
  }

  #forget(session: Session): void {
    if (this.#sessions.get(session.key) === session) this.#sessions.delete(session.key);
    this.#ended.bytesIn += session.bytesIn;
    this.#ended.bytesOut += session.bytesOut;
    for (const kind of ['exact', 'gap', 'cut'] as const) this.#ended[kind] += session.splices[kind];
    this.#ended.continuityErrors += session.continuityErrors;
    this.#ended.skips += session.skips;
    const closing = session.close('idle').finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /**
   * Joins and streams into an HTTP response: 200, the headers of a live stream, and bytes until the client or the
   * stream ends. Leaves the response untouched when the join is refused.
   *
   * @throws what {@link join} throws
   */
  async attach(key: string, response: ServerResponse, options: AttachOptions = {}): Promise<ClientResult> {
    const gone = new AbortController();
    const leave = (): void => gone.abort(new DOMException('The client went away', 'AbortError'));
    response.once('close', leave);
    const signal = options.signal === undefined ? gone.signal : AbortSignal.any([gone.signal, options.signal]);
    try {
      const client = await this.join(key, { ...options, signal });
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
      response.writeHead(200, { ...STREAM_HEADERS, ...options.headers });
      return await client.sendTo(response);
    } finally {
      response.off('close', leave);
    }
  }

  /**
   * The stream of a key as HLS has it: segments that start with PAT, PMT and a keyframe, in parts that are there before
   * the segment is complete. Nothing starts before the first `next`; from then on until it ends, the iteration is a
   * client of the session. Where it is not read in time and falls out of the ring, it goes on at the newest keyframe
   * with a discontinuity.
   *
   * @throws RangeError at once for a duration out of bounds
   * @throws {MpegTsProxyError} from `next`: what {@link join} throws, and `session_ended`; the signal's reason
   */
  segments(key: string, options: SegmentsOptions = {}): AsyncIterableIterator<Segment, undefined> & AsyncDisposable {
    const { targetDurationMs, partDurationMs, behindMs, aheadMs } = resolveSegmentSettings(options);
    return new SegmentStream({
      targetDurationMs,
      partDurationMs,
      aheadMs,
      programNumber: this.#settings.programNumber,
      clock: this.#clock,
      signal: options.signal,
      join: (signal) => this.join(key, { signal, behindMs, label: options.label ?? 'segments' }),
      ended: ({ result }) => {
        // Who ended it on purpose does not want it back.
        const retryable = result?.reason !== 'stopped' && result?.reason !== 'shutdown';
        return new MpegTsProxyError('session_ended', `The stream ${key} ended: ${result?.reason}`, { retryable });
      },
    });
  }

  /**
   * Goes over to another source, which is opened beside the one that delivers and takes its place once it can be joined to
   * it; without one the session stays where it is. False when it has no clients, no source that delivers, or is being moved.
   */
  move(key: string): boolean {
    return this.#sessions.get(key)?.move() ?? false;
  }

  /** Ends a session now: its clients with `stopped`, its source once. False when there is none. */
  async stop(key: string): Promise<boolean> {
    const session = this.#sessions.get(key);
    await session?.close('stopped');
    return session !== undefined;
  }

  /** Ends the session that has lingered longest. False when none lingers. */
  reclaim(): boolean {
    let oldest: Session | undefined;
    for (const session of this.#sessions.values()) {
      if (session.lingerSinceMs === undefined) continue;
      if (oldest?.lingerSinceMs === undefined || session.lingerSinceMs < oldest.lingerSinceMs) oldest = session;
    }
    oldest?.close('reclaimed');
    return oldest !== undefined;
  }

  /** Whether a session of this key runs, lingering ones included. */
  has(key: string): boolean {
    return this.#sessions.has(key);
  }

  /** A snapshot of everything, or of one session. */
  stats(): ProxyStats;
  stats(key: string): SessionStats | undefined;
  stats(key?: string): ProxyStats | SessionStats | undefined {
    if (key !== undefined) return this.#sessions.get(key)?.stats();
    const running = [...this.#sessions.values()];
    const sum = (of: (session: Session) => number): number =>
      running.reduce((total, session) => total + of(session), 0);
    const splicesOf = (kind: SpliceKind): number => this.#ended[kind] + sum(({ splices }) => splices[kind]);
    const splices = Object.freeze({ exact: splicesOf('exact'), gap: splicesOf('gap'), cut: splicesOf('cut') });
    return Object.freeze({
      sessions: running.map((session) => session.stats()),
      clients: sum((session) => session.clientCount),
      memory: Object.freeze({ usedBytes: this.#budget.usedBytes, limitBytes: this.#budget.limitBytes }),
      totals: Object.freeze({
        bytesIn: this.#ended.bytesIn + sum((session) => session.bytesIn),
        bytesOut: this.#ended.bytesOut + sum((session) => session.bytesOut),
        sessions: this.#sessionsStarted,
        clients: this.#clientsJoined,
        recoveries: splices.exact + splices.gap + splices.cut,
        splices,
        continuityErrors: this.#ended.continuityErrors + sum((session) => session.continuityErrors),
        skips: this.#ended.skips + sum((session) => session.skips),
      }),
    });
  }

  /** Ends every session. Resolves when all sources have been told; later joins are refused. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const session of [...this.#sessions.values()]) session.close('shutdown');
    await Promise.all(this.#closing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
