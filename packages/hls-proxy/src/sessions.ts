import type { Clock, HlsProxySettings, HlsProxyStats } from './contract.ts';
import { HlsProxyError } from './errors.ts';
import type { Announce } from './lifecycle.ts';
import type { SessionMemory } from './publication.ts';
import type { OpenSegments } from './segment-source.ts';
import { Session } from './session.ts';
import { slugOf } from './viewer-token.ts';

export interface SessionsOptions {
  readonly open: OpenSegments;
  readonly settings: HlsProxySettings;
  readonly clock: Clock;
  readonly announce: Announce;
}

/** Closed sessions whose URLs are remembered at most. */
const MAX_REMEMBERED = 1_000;

interface Remembered {
  readonly key: string;
  readonly memory: SessionMemory;
  readonly atMs: number;
}

type Totals = Session['totals'];

/** The sessions that run, by the name they have in URLs, and what is remembered of those that do not any more. */
export class Sessions {
  readonly #options: SessionsOptions;
  readonly #running = new Map<string, Session>();
  readonly #remembered = new Map<string, Remembered>();
  readonly #closing = new Set<Promise<void>>();
  #ended: Totals = {
    ...{ playlists: 0, playlistsBuilt: 0, segments: 0, segmentHits: 0 },
    ...{ bytesIn: 0, bytesSent: 0, viewers: 0 },
  };
  #started = 0;
  #closed = false;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  find(key: string): Session | undefined {
    return this.#running.get(slugOf(key));
  }

  /** The session under a name in a URL. */
  bySlug(slug: string): Session | undefined {
    return this.#running.get(slug);
  }

  /** The key that a name in a URL stands for, while it runs and for a while after. */
  keyOf(slug: string): string | undefined {
    const running = this.#running.get(slug);
    if (running !== undefined) return running.key;
    return this.#recall(slug)?.key;
  }

  /**
   * The session of a key, started where there is none.
   *
   * @throws {HlsProxyError} `too_many_sessions`, `closed`
   */
  obtain(key: string): Session {
    const slug = slugOf(key);
    const running = this.#running.get(slug);
    if (running !== undefined) return running;
    if (this.#closed)
      throw new HlsProxyError('closed', `The proxy is closed; ${key} was refused`, { retryable: false });
    const { settings, clock, announce, open } = this.#options;
    const { sessions: limit, memoryBytes, sessionBytes } = settings.limits;
    if (this.#running.size >= limit && !this.reclaim()) {
      const said = `${this.#running.size} streams are published, the limit is ${limit}`;
      throw new HlsProxyError('too_many_sessions', said, { retryAfterSeconds: 10 });
    }
    const session = new Session({
      ...{ key, slug, open, settings, clock, announce, memory: this.#recall(slug)?.memory },
      maxBytes: () => Math.min(sessionBytes, memoryBytes / this.#running.size),
      ended: (ended) => this.#forget(ended),
    });
    this.#remembered.delete(slug);
    this.#running.set(slug, session);
    this.#started++;
    session.start();
    return session;
  }

  #recall(slug: string): Remembered | undefined {
    const remembered = this.#remembered.get(slug);
    if (remembered === undefined) return undefined;
    const { clock, settings } = this.#options;
    if (clock.now() - remembered.atMs <= settings.linger.rememberMs) return remembered;
    this.#remembered.delete(slug);
    return undefined;
  }

  #forget(session: Session): void {
    const { key, slug, memory, totals } = session;
    if (this.#running.get(slug) === session) this.#running.delete(slug);
    if (memory.window.nextNumber > 0) this.#remembered.set(slug, { key, memory, atMs: this.#options.clock.now() });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > MAX_REMEMBERED && oldest !== undefined) this.#remembered.delete(oldest);
    this.#ended = addTotals(this.#ended, totals);
    const closing = session.close('idle').finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  reclaim(): boolean {
    let oldest: Session | undefined;
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const session of this.#running.values()) {
      const sinceMs = session.audience.lingerSinceMs;
      if (sinceMs === undefined || sinceMs >= oldestMs) continue;
      oldest = session;
      oldestMs = sinceMs;
    }
    // Its end takes it out of the map at once; its source closes meanwhile.
    oldest?.close('reclaimed');
    return oldest !== undefined;
  }

  /** Lets go of viewers by their tokens; tells how many. */
  dismiss(isWorthless: (token: string) => boolean, reason: Error): number {
    let dismissed = 0;
    for (const { audience } of this.#running.values()) dismissed += audience.dismiss(isWorthless, reason);
    return dismissed;
  }

  stats(): HlsProxyStats {
    const running = [...this.#running.values()];
    const sessions = running.map((session) => session.stats());
    const totals = running.reduce((sum, session) => addTotals(sum, session.totals), this.#ended);
    return Object.freeze({
      sessions,
      viewers: sessions.reduce((sum, { viewers }) => sum + viewers.length, 0),
      memory: Object.freeze({
        usedBytes: running.reduce((sum, { bytes }) => sum + bytes, 0),
        limitBytes: this.#options.settings.limits.memoryBytes,
      }),
      totals: Object.freeze({ ...totals, sessions: this.#started }),
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const session of [...this.#running.values()]) session.close('shutdown');
    await Promise.all(this.#closing);
  }
}

function addTotals(a: Totals, b: Totals): Totals {
  return {
    playlists: a.playlists + b.playlists,
    playlistsBuilt: a.playlistsBuilt + b.playlistsBuilt,
    segments: a.segments + b.segments,
    segmentHits: a.segmentHits + b.segmentHits,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesSent: a.bytesSent + b.bytesSent,
    viewers: a.viewers + b.viewers,
  };
}
