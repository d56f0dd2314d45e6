import { systemClock } from '../clock.ts';
import type { Clock } from '../contract.ts';
import { HlsProxyError } from '../errors.ts';
import type { Segment, SegmentSource } from '../segment-source.ts';
import { pause } from '../until-aborted.ts';
import { readPlaylist, type UpstreamWindow, type Variant } from './read-playlist.ts';
import { SegmentFetcher } from './segment-fetcher.ts';
import { UpstreamClient } from './upstream-client.ts';
import { WindowFollower } from './window-follower.ts';

export interface FromPlaylistOptions {
  /** Ends the source. */
  readonly signal?: AbortSignal;
  /** Extra request headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Picks from a master playlist; default the highest bandwidth. */
  readonly chooseVariant?: (variants: readonly Variant[]) => Variant | undefined;
  /** Segments taken at most from the first window, its newest. Default 8. */
  readonly initialSegments?: number;
  /** Connections to one host, and segments fetched at a time. Default 6. */
  readonly connections?: number;
  /** Tries for a segment, before it becomes a gap. Default 3. */
  readonly attempts?: number;
  /** Longest time for all tries of a segment. Default 10 000 ms. */
  readonly segmentTimeoutMs?: number;
  /** Longest time for one load of the playlist. Default 10 000 ms. */
  readonly playlistTimeoutMs?: number;
  /** Nothing new for so long ends the source. Default 30 000 ms. */
  readonly giveUpMs?: number;
  /** Largest segment. Default 64 MiB. */
  readonly maxSegmentBytes?: number;
  /** Time and timers; default monotonic. */
  readonly clock?: Clock;
}

const MIB = 1024 * 1024;
const MAX_PLAYLIST_BYTES = 4 * MIB;
/** Time for a last look, when nothing new has come for almost too long. */
const MIN_RELOAD_TIMEOUT_MS = 1_000;

/**
 * The segments of a live playlist on another server: every one of them, in order, however far its window moves between
 * two looks. Fetched several at a time over one pool of connections, tried again, and a gap at last rather than a stop.
 *
 * Iterated once. Throws {@link HlsProxyError}: `upstream_unreachable`, `upstream_status`, `bad_playlist` when the first
 * load fails, `upstream_stale` or the last failure when nothing new came for `giveUpMs`; the signal's reason.
 */
export function fromPlaylist(url: string | URL, options: FromPlaylistOptions = {}): SegmentSource {
  const { signal, clock = systemClock, connections = 6 } = options;
  const abort = new AbortController();
  const forward = (): void => abort.abort(signal?.reason);
  signal?.addEventListener('abort', forward, { once: true });
  if (signal?.aborted) forward();
  const client = new UpstreamClient({ connections, headers: options.headers ?? {}, clock });
  const playlist = new UpstreamReader(new URL(url).href, { options, client, clock, signal: abort.signal });
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', forward);
    abort.abort(new DOMException('The source is closed', 'AbortError'));
    await client.close();
  };
  return {
    get targetDurationMs() {
      return playlist.targetDurationMs;
    },
    [Symbol.asyncIterator]: () => playlist.segments(),
    close,
  };
}

interface ReaderContext {
  readonly options: FromPlaylistOptions;
  readonly client: UpstreamClient;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

class UpstreamReader {
  readonly #context: ReaderContext;
  readonly #fetcher: SegmentFetcher;
  readonly #follower: WindowFollower;
  #url: string;
  #targetDurationMs: number | undefined;
  #loadedAtMs = 0;
  #newAtMs = 0;

  constructor(url: string, context: ReaderContext) {
    const { client, clock, signal, options } = context;
    this.#url = url;
    this.#context = context;
    this.#follower = new WindowFollower(options.initialSegments ?? 8);
    this.#fetcher = new SegmentFetcher({
      ...{ client, clock, signal, concurrency: options.connections ?? 6, attempts: options.attempts ?? 3 },
      ...{ timeoutMs: options.segmentTimeoutMs ?? 10_000, maxBytes: options.maxSegmentBytes ?? 64 * MIB },
    });
  }

  /** That of the first window. */
  get targetDurationMs(): number | undefined {
    return this.#targetDurationMs;
  }

  async *segments(): AsyncGenerator<Segment, void, undefined> {
    let window = await this.#loadFirst();
    this.#newAtMs = this.#context.clock.now();
    const coming: Promise<Segment>[] = [];
    for (;;) {
      const fresh = this.#follower.take(window);
      if (fresh.length > 0) this.#newAtMs = this.#context.clock.now();
      for (const segment of fresh) {
        const fetching = this.#fetcher.fetch(segment);
        fetching.catch(() => {});
        coming.push(fetching);
      }
      if (window.ended) break;
      const reload = this.#reload(window.targetDurationMs, fresh.length > 0).then((loaded) => ({ loaded }));
      reload.catch(() => {});
      // Segments in order as they come, until the playlist has been loaded again.
      for (;;) {
        const [next] = coming;
        const event = await Promise.race(next === undefined ? [reload] : [next, reload]);
        if ('loaded' in event) {
          window = event.loaded;
          break;
        }
        coming.shift();
        yield event;
      }
    }
    for (const fetching of coming) yield await fetching;
  }

  async #loadFirst(): Promise<UpstreamWindow> {
    let playlist = await this.#load();
    if (playlist.kind === 'master') {
      const { chooseVariant = highest } = this.#context.options;
      const variant = chooseVariant(playlist.variants);
      if (variant === undefined) throw new HlsProxyError('bad_playlist', `${this.#url} has no variant to play`);
      this.#url = variant.url;
      playlist = await this.#load();
      if (playlist.kind === 'master') throw new HlsProxyError('bad_playlist', `${this.#url} is a master of masters`);
    }
    this.#targetDurationMs = playlist.targetDurationMs;
    return playlist;
  }

  /** RFC 8216 §6.3.4: after a target duration when the last load brought something, after half of one when not. */
  async #reload(targetDurationMs: number, wasNew: boolean): Promise<UpstreamWindow> {
    const { clock, signal, options } = this.#context;
    const giveUpMs = options.giveUpMs ?? 30_000;
    let waitMs = wasNew ? targetDurationMs : targetDurationMs / 2;
    for (;;) {
      await pause(clock, Math.max(0, this.#loadedAtMs + waitMs - clock.now()), signal);
      waitMs = targetDurationMs / 2;
      const silentMs = clock.now() - this.#newAtMs;
      try {
        // One that hangs is given up when its time is over, and not after a timeout of its own.
        const playlist = await this.#load(Math.max(MIN_RELOAD_TIMEOUT_MS, giveUpMs - silentMs));
        if (playlist.kind === 'master')
          throw new HlsProxyError('bad_playlist', `${this.#url} became a master playlist`);
        if (silentMs < giveUpMs || this.#isNew(playlist)) return playlist;
      } catch (error) {
        if (signal.aborted || silentMs >= giveUpMs) throw error;
        continue;
      }
      throw new HlsProxyError('upstream_stale', `${this.#url} has had nothing new for ${Math.round(silentMs)} ms`);
    }
  }

  #isNew(window: UpstreamWindow): boolean {
    return window.ended || this.#follower.hasNew(window);
  }

  async #load(limitMs = Number.POSITIVE_INFINITY): Promise<ReturnType<typeof readPlaylist>> {
    const { client, clock, signal, options } = this.#context;
    this.#loadedAtMs = clock.now();
    const timeoutMs = Math.min(options.playlistTimeoutMs ?? 10_000, limitMs);
    const { data, url } = await client.get(this.#url, { signal, timeoutMs, maxBytes: MAX_PLAYLIST_BYTES });
    // Where a redirect led is where it goes on: the first URL may start something new each time.
    this.#url = url;
    return readPlaylist(Buffer.concat(data).toString(), url);
  }
}

function highest(variants: readonly Variant[]): Variant | undefined {
  return variants.reduce<Variant | undefined>(
    (best, variant) => (best === undefined || variant.bandwidth > best.bandwidth ? variant : best),
    undefined,
  );
}
