import { Audience } from './audience.ts';
import type { Clock, HlsProxySettings, SessionEndReason, SessionState, SessionStats } from './contract.ts';
import { HlsProxyError, isFinal, retryAfterOf } from './errors.ts';
import type { Announce } from './lifecycle.ts';
import type { PlaylistDirectives } from './playlist-request.ts';
import { Publication, type SessionMemory, type StoredBytes } from './publication.ts';
import type { RenderedPlaylist } from './rendered-playlist.ts';
import type { OpenSegments } from './segment-source.ts';
import { SourceFeed } from './source-feed.ts';
import type { Viewer } from './viewers.ts';

export interface SessionOptions {
  readonly key: string;
  readonly slug: string;
  readonly open: OpenSegments;
  readonly settings: HlsProxySettings;
  readonly clock: Clock;
  readonly announce: Announce;
  /** Of an earlier session of the key. */
  readonly memory: SessionMemory | undefined;
  /** Bytes that this session may keep now. */
  maxBytes(): number;
  /** Called once, when it has ended; its source may still be closing. */
  ended(session: Session): void;
}

/** One stream being published: the source that feeds it, what is published, and who uses it. */
export class Session {
  readonly key: string;
  readonly slug: string;
  readonly audience: Audience;
  readonly #options: SessionOptions;
  readonly #publication: Publication;
  readonly #feed: SourceFeed;
  readonly #abort = new AbortController();
  readonly #startedAt: number;
  readonly #startMs: number;
  readonly #counts = { playlists: 0, segments: 0, segmentHits: 0, bytesSent: 0 };
  #running: Promise<void> = Promise.resolve();
  #error: unknown;

  constructor(options: SessionOptions) {
    const { key, slug, settings, clock, announce } = options;
    this.key = key;
    this.slug = slug;
    this.#options = options;
    this.#startedAt = clock.wallNow();
    this.#startMs = clock.now();
    const publication = new Publication(options);
    this.#publication = publication;
    this.audience = new Audience({
      ...{ key, clock, announce, lingerMs: settings.linger.ms },
      idleMs: () => 3 * publication.targetDurationMs + settings.viewer.idleMarginMs,
      deserted: () => this.#end(publication.state === 'ended' ? 'ended' : 'idle'),
    });
    this.#feed = new SourceFeed({
      ...{ key, open: options.open, recovery: settings.recovery, clock, announce },
      ...{ sink: publication, signal: this.#abort.signal },
    });
  }

  /** Begins. Apart from the constructor, so that events find the session in its place. */
  start(): void {
    this.#options.announce('sessionStart', { key: this.key });
    this.#running = this.#run();
    this.audience.settle();
  }

  async #run(): Promise<void> {
    const publication = this.#publication;
    const outcome = await this.#feed.run().catch(() => undefined);
    if (outcome === undefined || publication.state === 'closed') return;
    if (outcome.reason === 'ended') {
      if (publication.window.listedCount > 0) return publication.end();
      this.#error = new Error('it ended before its first segment');
      return this.#end('open_failed');
    }
    this.#error = outcome.error;
    this.#end(publication.state === 'opening' ? 'open_failed' : 'source_failed');
  }

  get state(): SessionState {
    return this.#publication.state;
  }

  get bytes(): number {
    return this.#publication.window.bytes;
  }

  get memory(): SessionMemory {
    return this.#publication.memory;
  }

  get totals(): Record<
    'playlists' | 'playlistsBuilt' | 'segments' | 'segmentHits' | 'bytesIn' | 'bytesSent' | 'viewers',
    number
  > {
    const { playlistsBuilt, bytesIn } = this.#publication.counts;
    return { ...this.#counts, playlistsBuilt, bytesIn, viewers: this.audience.started };
  }

  /**
   * Resolves once there is a playlist to answer with.
   *
   * @throws {HlsProxyError} `not_ready`, `open_failed`, `session_ended`, `reload_timeout`, `bad_directive`; the
   *   signal's reason
   */
  async playlist(directives: PlaylistDirectives, signal: AbortSignal | undefined): Promise<RenderedPlaylist> {
    const { clock, announce, settings } = this.#options;
    const { msn, part } = directives;
    const startMs = clock.now();
    const isOpening = this.#publication.state === 'opening';
    if (isOpening) await this.playable(signal);
    const mustWait = msn !== undefined && !this.#publication.hasReached(msn, part);
    if (mustWait) await this.#reached(msn, part, signal);
    const lowLatency = directives.lowLatency ?? settings.lowLatency;
    const rendered = this.#publication.rendered(lowLatency);
    const built = rendered.isStale;
    rendered.read();
    this.#counts.playlists++;
    const waited = isOpening || mustWait;
    announce('playlist', { key: this.key, durationMs: clock.now() - startMs, waited, built, lowLatency });
    return rendered;
  }

  /** The playlist as it is now; undefined when there is none to answer with. Nothing changes by it. */
  peekPlaylist(lowLatency: boolean | undefined): RenderedPlaylist | undefined {
    if (this.state === 'opening' || this.state === 'closed') return undefined;
    return this.#publication.rendered(lowLatency ?? this.#options.settings.lowLatency);
  }

  /** What a name in our playlist stands for and is there. Nothing changes by it. */
  peekBytes(name: string): StoredBytes | undefined {
    return this.#publication.bytesOf(name);
  }

  /**
   * What a name in our playlist stands for; the hinted part, and the segment that is arriving, are waited for.
   *
   * @throws {HlsProxyError} `not_found` for what was never there, is gone, or was lost; `session_ended`; the signal's
   *   reason
   */
  async bytesOf(name: string, signal: AbortSignal | undefined): Promise<StoredBytes> {
    const publication = this.#publication;
    this.#counts.segments++;
    const ready = publication.bytesOf(name);
    if (ready !== undefined) {
      this.#counts.segmentHits++;
      return ready;
    }
    const expired = (): HlsProxyError => new HlsProxyError('not_found', `${this.key} has no ${name}`);
    if (!publication.isArriving(name)) throw expired();
    const isSettled = (): boolean => publication.bytesOf(name) !== undefined || !publication.isArriving(name);
    const timeoutMs = 3 * publication.targetDurationMs;
    await this.audience.during(publication.waiters.wait(isSettled, { timeoutMs, expired, signal }));
    const arrived = publication.bytesOf(name);
    if (arrived === undefined) throw expired();
    return arrived;
  }

  /** Resolves once there is a window to play. */
  async playable(signal: AbortSignal | undefined): Promise<void> {
    const publication = this.#publication;
    const { segment, window } = this.#options.settings;
    // From the session's start: who comes late does not wait longer than who came first.
    const timeoutMs = Math.max(0, this.#startMs + window.firstPlaylistMs - this.#options.clock.now());
    const said = `${this.key} had no segment to play within ${window.firstPlaylistMs} ms`;
    const late = new HlsProxyError('not_ready', said, { retryAfterSeconds: segment.targetDurationMs / 1000 });
    const isReady = (): boolean => publication.state !== 'opening';
    try {
      await this.audience.during(publication.waiters.wait(isReady, { timeoutMs, expired: () => late, signal }));
    } catch (error) {
      if (error !== late || publication.window.listedCount === 0) throw error;
      // Less than a window, and better than nothing.
      publication.becomeLive();
    }
  }

  #reached(msn: number, part: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    const publication = this.#publication;
    const { lastNumber } = publication.window;
    if (msn > lastNumber + 2) {
      const said = `_HLS_msn=${msn} is too far ahead of ${lastNumber}, the newest segment`;
      return Promise.reject(new HlsProxyError('bad_directive', said));
    }
    const timeoutMs = 3 * publication.targetDurationMs;
    const said = `${this.key} has not reached segment ${msn} within ${timeoutMs} ms`;
    const expired = (): Error => new HlsProxyError('reload_timeout', said, { retryAfterSeconds: 1 });
    const isReady = (): boolean => publication.hasReached(msn, part);
    return this.audience.during(publication.waiters.wait(isReady, { timeoutMs, expired, signal }));
  }

  /** Bytes that went to somebody. */
  sent(viewer: Viewer | undefined, bytes: number): void {
    this.#counts.bytesSent += bytes;
    if (viewer !== undefined) viewer.bytesSent += bytes;
  }

  /** Goes over to another source while the one in use goes on. False when nobody is here, or none could be had. */
  move(): Promise<boolean> {
    const isWatched = this.audience.lingerSinceMs === undefined;
    return this.state === 'live' && isWatched ? this.#feed.move() : Promise.resolve(false);
  }

  /** Ends it now. Resolves when its source has been closed. */
  async close(reason: SessionEndReason): Promise<void> {
    this.#end(reason);
    await this.#running;
  }

  #end(reason: SessionEndReason): void {
    if (this.state === 'closed') return;
    this.#publication.close(this.#refusal(reason));
    this.audience.close(reason);
    this.#abort.abort(reason);
    this.#options.announce('sessionEnd', {
      ...{ key: this.key, reason, durationMs: this.#options.clock.now() - this.#startMs },
      ...{ segments: this.#publication.counts.total, bytesSent: this.#counts.bytesSent, error: this.#error },
    });
    this.#options.ended(this);
  }

  #refusal(reason: SessionEndReason): HlsProxyError {
    if (reason !== 'open_failed') return new HlsProxyError('session_ended', `${this.key} ended: ${reason}`);
    const cause = this.#error;
    const said = cause instanceof Error ? cause.message : String(cause);
    const retryAfterSeconds = retryAfterOf(cause);
    return new HlsProxyError('open_failed', `${this.key} could not be opened: ${said}`, {
      ...{ cause, retryable: !isFinal(cause) },
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    });
  }

  stats(): SessionStats {
    const { window, counts, targetDurationMs, partHoldBackMs } = this.#publication;
    const { playlists, playlistsBuilt, segments, segmentHits, bytesIn, bytesSent } = this.totals;
    return Object.freeze({
      key: this.key,
      state: this.state,
      startedAt: this.#startedAt,
      lingering: this.audience.lingerSinceMs !== undefined,
      viewers: this.audience.viewers.stats((at) => window.durationAfterMs(at)),
      window: Object.freeze({
        mediaSequence: window.mediaSequence,
        discontinuitySequence: window.discontinuitySequence,
        segments: window.listedCount,
        durationMs: window.listedDurationMs,
        retired: window.retired,
        bytes: window.bytes,
        ...{ targetDurationMs, partHoldBackMs },
      }),
      segments: Object.freeze({ total: counts.total, lost: counts.lost, overlong: counts.overlong }),
      requests: Object.freeze({ playlists, playlistsBuilt, segments, segmentHits }),
      sourcesOpened: this.#feed.sourcesOpened,
      ...{ bytesIn, bytesSent },
    });
  }
}
