import type { LiveFeed, LivePayload } from './live-feed.ts';

/** Changes are told so long after the first of them, together. */
const settleMs = 50;
/** While somebody listens, figures are looked at so often. */
const figuresMs = 1_000;

/** What is shown now, by key; a key that disappears is told as gone. */
export interface LiveViews {
  engines(): ReadonlyMap<string, LivePayload>;
  streams(): ReadonlyMap<string, LivePayload>;
  /** `timestamp` alone is no change. */
  status(): { readonly timestamp: string };
  pulls(): readonly unknown[];
}

export interface Snapshot {
  readonly engines: readonly unknown[];
  readonly streams: readonly unknown[];
  readonly status: unknown;
  readonly pulls: readonly unknown[];
}

type Kept = Map<string, string>;

/**
 * Tells a feed what changed in engines, streams and status. It compares what is shown now with what was told last, so no
 * change is missed whatever caused it; {@link wake} only makes it sooner. Nothing is looked at while nobody listens.
 */
export class LiveState {
  readonly #feed: LiveFeed;
  readonly #views: LiveViews;
  readonly #engines: Kept = new Map();
  readonly #streams: Kept = new Map();
  #status = '';
  #figures: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;

  constructor(feed: LiveFeed, views: LiveViews) {
    this.#feed = feed;
    this.#views = views;
  }

  /** Something happened: look soon. */
  wake(): void {
    if (this.#figures === undefined || this.#settling !== undefined) return;
    this.#settling = setTimeout(() => {
      this.#settling = undefined;
      this.look();
    }, settleMs);
    this.#settling.unref();
  }

  /** Publishes what changed since the last look. */
  look(): void {
    this.#tell('engine', this.#engines, this.#views.engines(), (id) => ({ container_id: id }));
    this.#tell('stream', this.#streams, this.#views.streams(), (id) => ({ id }));
    const status = this.#views.status();
    const text = JSON.stringify({ ...status, timestamp: undefined });
    if (text !== this.#status) this.#feed.publish('status', { full: status });
    this.#status = text;
  }

  /** Everything at once, after a {@link look}. */
  snapshot(privileged: boolean): Snapshot {
    const shown = ({ full, open = full }: LivePayload): unknown => (privileged ? full : open);
    return {
      engines: [...this.#views.engines().values()].map(shown),
      streams: [...this.#views.streams().values()].map(shown),
      status: this.#views.status(),
      pulls: this.#views.pulls(),
    };
  }

  /** Somebody listens. */
  start(): void {
    this.#figures ??= setInterval(() => this.look(), figuresMs).unref();
  }

  /** Nobody does any more. */
  stop(): void {
    clearInterval(this.#figures);
    clearTimeout(this.#settling);
    this.#figures = undefined;
    this.#settling = undefined;
  }

  #tell(
    name: 'engine' | 'stream',
    told: Kept,
    now: ReadonlyMap<string, LivePayload>,
    gone: (id: string) => unknown,
  ): void {
    for (const [id, payload] of now) {
      const text = JSON.stringify(payload.full);
      if (told.get(id) === text) continue;
      told.set(id, text);
      this.#feed.publish(name, payload);
    }
    for (const id of told.keys()) {
      if (now.has(id)) continue;
      told.delete(id);
      this.#feed.publish(`${name}_gone`, { full: gone(id) });
    }
  }
}
