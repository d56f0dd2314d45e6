import type { Clock, ViewerStats } from './contract.ts';

/** A segment, or a part of one. */
export interface Place {
  readonly number: number;
  readonly part: number | undefined;
}

/** Somebody who polls. */
export interface Viewer {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  readonly connectedAt: number;
  readonly startedMs: number;
  lastActiveMs: number;
  bytesSent: number;
  /** Requests that wait: somebody who does is not idle. */
  waiting: number;
  /** Ends those when the viewer is dismissed, which only happens to one that was admitted by a grant. */
  readonly dismissal: AbortController | undefined;
  /** Bodies on their way. One that does not move does not keep its viewer. */
  readonly downloads: Set<{ destroy(): void }>;
  /** Counts as a viewer: a segment has been asked for. */
  counted: boolean;
  /** What it took last. */
  at: Place | undefined;
  skips: number;
  /** Times it was sent to its token, and times it came with it for a playlist. */
  sent: number;
  polls: number;
}

/** The viewers of one session, by token. */
export class Viewers {
  readonly #clock: Clock;
  readonly #byToken = new Map<string, Viewer>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Everybody, those included that do not count yet. */
  get size(): number {
    return this.#byToken.size;
  }

  all(): IterableIterator<Viewer> {
    return this.#byToken.values();
  }

  get(token: string): Viewer | undefined {
    return this.#byToken.get(token);
  }

  add(id: string, address: string, userAgent: string, isRevocable: boolean): Viewer {
    const nowMs = this.#clock.now();
    const viewer: Viewer = {
      ...{ id, address, userAgent, connectedAt: this.#clock.wallNow(), startedMs: nowMs, lastActiveMs: nowMs },
      ...{ bytesSent: 0, waiting: 0, downloads: new Set<{ destroy(): void }>(), counted: false, sent: 0, polls: 0 },
      ...{ at: undefined, skips: 0, dismissal: isRevocable ? new AbortController() : undefined },
    };
    this.#byToken.set(id, viewer);
    return viewer;
  }

  /**
   * The viewer that comes without its token: same address and User-Agent, within the idle limit, and a token that it
   * may have. One that has polled with its token more often than it was sent to it has no need to come without: this is
   * another player.
   */
  returning(address: string, userAgent: string, mayHave: (token: string) => boolean): Viewer | undefined {
    for (const viewer of this.#byToken.values()) {
      const same = viewer.address === address && viewer.userAgent === userAgent && mayHave(viewer.id);
      if (same && viewer.sent > 0 && viewer.polls <= viewer.sent) return viewer;
    }
    return undefined;
  }

  /** It has taken a segment or a part; what it takes again, or goes back to, is no skip. */
  took(viewer: Viewer, at: Place): void {
    if (viewer.at !== undefined && at.number > viewer.at.number + 1) viewer.skips++;
    viewer.at = at;
  }

  /** Takes out those who have not asked for anything for so long. */
  sweep(idleMs: number): Viewer[] {
    const nowMs = this.#clock.now();
    const gone = [...this.#byToken.values()].filter(
      ({ waiting, lastActiveMs }) => waiting === 0 && nowMs - lastActiveMs >= idleMs,
    );
    for (const viewer of gone) this.#remove(viewer);
    return gone;
  }

  /** Takes out those whose tokens are worth nothing any more. What they wait for rejects with `reason`. */
  dismiss(isWorthless: (token: string) => boolean, reason: Error): Viewer[] {
    const gone = [...this.#byToken.values()].filter(({ id }) => isWorthless(id));
    for (const viewer of gone) {
      this.#remove(viewer);
      viewer.dismissal?.abort(reason);
    }
    return gone;
  }

  #remove({ id, downloads }: Viewer): void {
    this.#byToken.delete(id);
    for (const download of downloads) download.destroy();
  }

  /** Time until the next sweep can find somebody; undefined when nobody is left. */
  nextSweepMs(idleMs: number): number | undefined {
    if (this.#byToken.size === 0) return undefined;
    const nowMs = this.#clock.now();
    let nextMs = idleMs;
    for (const { waiting, lastActiveMs } of this.#byToken.values()) {
      if (waiting === 0) nextMs = Math.min(nextMs, lastActiveMs + idleMs - nowMs);
    }
    return Math.max(0, nextMs);
  }

  /** `lagMs` tells how much media is there after a place. */
  stats(lagMs: (at: Place | undefined) => number): ViewerStats[] {
    const behindMs = this.#clock.wallNow() - this.#clock.now();
    return [...this.#byToken.values()]
      .filter(({ counted }) => counted)
      .map(({ id, address, userAgent, connectedAt, lastActiveMs, bytesSent, at, skips }) =>
        Object.freeze({
          ...{ id, address, userAgent, connectedAt },
          lastActiveAt: Math.round(lastActiveMs + behindMs),
          ...{ bytesSent, lagMs: lagMs(at), skips, lowLatency: at?.part !== undefined },
        }),
      );
  }
}
