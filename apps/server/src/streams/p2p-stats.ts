import type { LivePosition } from '@acestream-orchestrator/engine-orchestrator/ace';

/** What an engine says about one of its sessions at one time. */
export interface P2pSnapshot {
  /** Unix milliseconds. */
  readonly at: number;
  readonly status: string;
  readonly peers: number;
  readonly speedDownKBps: number;
  readonly speedUpKBps: number;
  readonly downloadedBytes: number;
  readonly uploadedBytes: number;
  readonly livepos?: LivePosition;
}

export interface P2pStatsOptions<Stream> {
  /** Names a stream. */
  id(stream: Stream): string;
  /** Streams that run now. */
  active(): readonly Stream[];
  /** Asks the engine of `stream`. A rejection leaves the last snapshot standing. */
  read(stream: Stream, signal: AbortSignal): Promise<P2pSnapshot>;
  /** Told of every snapshot. */
  readonly onRead?: (stream: Stream, snapshot: P2pSnapshot) => void;
  /** Time between two reads of a stream that is watched. Default 1 000 ms. */
  readonly intervalMs?: number;
  /** How long somebody who asked counts as watching. Default 10 000 ms. */
  readonly watchMs?: number;
  /** Snapshots kept per stream. Default 720. */
  readonly historyLength?: number;
}

/**
 * Peers and speeds of the streams, read from the engines while somebody looks at them and never otherwise. Looking
 * answers at once with what was read last.
 */
export class P2pStats<Stream> {
  readonly #options: P2pStatsOptions<Stream>;
  readonly #intervalMs: number;
  readonly #watchMs: number;
  readonly #historyLength: number;
  readonly #histories = new Map<string, P2pSnapshot[]>();
  readonly #reading = new Set<string>();
  readonly #closing = new AbortController();
  #watchedUntil = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #downloadedBytes = 0;
  #uploadedBytes = 0;

  constructor(options: P2pStatsOptions<Stream>) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 1_000;
    this.#watchMs = options.watchMs ?? 10_000;
    this.#historyLength = options.historyLength ?? 720;
  }

  /** Somebody looks, and may look again: reads now and goes on for a while; `forMs` 0 reads once. */
  watch(forMs: number = this.#watchMs): void {
    if (this.#closing.signal.aborted) return;
    this.#watchedUntil = Math.max(this.#watchedUntil, performance.now() + forMs);
    if (this.#timer !== undefined) return;
    this.#readAll();
    this.#timer = setInterval(() => this.#tick(), this.#intervalMs);
    this.#timer.unref();
  }

  /** Reads `stream` once, watched or not. */
  refresh(stream: Stream): void {
    const id = this.#options.id(stream);
    if (this.#reading.has(id) || this.#closing.signal.aborted) return;
    this.#reading.add(id);
    this.#options
      .read(stream, this.#closing.signal)
      .then(
        (snapshot) => {
          this.#add(id, snapshot);
          this.#options.onRead?.(stream, snapshot);
        },
        () => undefined,
      )
      .finally(() => this.#reading.delete(id));
  }

  latest(id: string): P2pSnapshot | undefined {
    return this.#histories.get(id)?.at(-1);
  }

  /** Snapshots at or after `since` (Unix milliseconds), oldest first. */
  history(id: string, since = 0): readonly P2pSnapshot[] {
    return (this.#histories.get(id) ?? []).filter(({ at }) => at >= since);
  }

  /** Drops what is kept about a stream that is no longer shown. */
  forget(id: string): void {
    this.#histories.delete(id);
  }

  /** Bytes that engines reported over all sessions since the start. */
  totals(): { readonly downloadedBytes: number; readonly uploadedBytes: number } {
    return { downloadedBytes: this.#downloadedBytes, uploadedBytes: this.#uploadedBytes };
  }

  close(): void {
    this.#closing.abort();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    if (performance.now() <= this.#watchedUntil) {
      this.#readAll();
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #readAll(): void {
    for (const stream of this.#options.active()) this.refresh(stream);
  }

  #add(id: string, snapshot: P2pSnapshot): void {
    const history = this.#histories.get(id) ?? [];
    const before = history.at(-1);
    this.#downloadedBytes += grown(before?.downloadedBytes, snapshot.downloadedBytes);
    this.#uploadedBytes += grown(before?.uploadedBytes, snapshot.uploadedBytes);
    history.push(snapshot);
    if (history.length > this.#historyLength) history.shift();
    this.#histories.set(id, history);
  }
}

/** A counter that is smaller than before started again at zero, in another session. */
function grown(before = 0, now: number): number {
  return now >= before ? now - before : now;
}
