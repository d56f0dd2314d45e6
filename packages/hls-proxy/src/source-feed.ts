import type { Clock, HlsProxySettings } from './contract.ts';
import { isFinal } from './errors.ts';
import { FeedSource, type TakenSegment } from './feed-source.ts';
import type { Announce } from './lifecycle.ts';
import type { OpenSegments, Part, Segment, SegmentSource, SourceCloseReason } from './segment-source.ts';
import { pause, untilAborted } from './until-aborted.ts';

/** Who takes what a source delivers. */
export interface SegmentSink {
  /** A segment begins. `joined`: the first of another source than the one before. */
  begin(segment: Segment, source: SegmentSource, discontinuity: boolean): void;
  part(part: Part): void;
  /** The segment that began is over. */
  settle(outcome: { state: 'complete' | 'lost'; durationMs: number | undefined; fetchMs: number }): void;
  /** A source failed, another one is opened. */
  recovering(): void;
}

export interface SourceFeedOptions {
  readonly key: string;
  readonly open: OpenSegments;
  readonly recovery: HlsProxySettings['recovery'];
  readonly clock: Clock;
  readonly announce: Announce;
  readonly sink: SegmentSink;
  /** Aborts with a {@link SourceCloseReason} as its reason. */
  readonly signal: AbortSignal;
}

const MAX_RETRY_DELAY_MS = 5_000;

/** How a feed ends by itself. */
export type FeedOutcome = { readonly reason: 'ended' } | { readonly reason: 'failed'; readonly error: unknown };

/** A source that is to take over from the one in use. */
interface Move {
  readonly source: FeedSource;
  /** Settles when it is ready, or has come to nothing. Never rejects. */
  readonly arrival: Promise<void>;
  /** Whether it takes over as soon as the one in use has none arriving. */
  isReady: boolean;
  settle(moved: boolean): void;
}

/**
 * Takes segments from one source after another, each closed once, until one is over or none can be had. The next one is
 * opened when one fails; or beside it, when it is asked to move.
 */
export class SourceFeed {
  readonly #options: SourceFeedOptions;
  readonly #closings = new Set<Promise<void>>();
  #attempts = 0;
  #opened = 0;
  #lastSegmentMs: number | undefined;
  /** The source in use. */
  #current: FeedSource | undefined;
  #move: Move | undefined;
  /** Interrupts the wait for the next segment. */
  #onReady = (): void => {};

  constructor(options: SourceFeedOptions) {
    this.#options = options;
  }

  get sourcesOpened(): number {
    return this.#opened;
  }

  /** Resolves when it is over. Rejects with the signal's reason. Everything is closed then. */
  async run(): Promise<FeedOutcome> {
    const { signal } = this.#options;
    let reason: SourceCloseReason = 'failed';
    try {
      const outcome = await this.#run();
      ({ reason } = outcome);
      return outcome;
    } finally {
      if (signal.aborted) reason = signal.reason as SourceCloseReason;
      this.#move?.settle(false);
      for (const source of [this.#current, this.#move?.source]) if (source !== undefined) this.#close(source, reason);
      this.#current = undefined;
      this.#move = undefined;
      await Promise.all(this.#closings);
    }
  }

  async #run(): Promise<FeedOutcome> {
    const { key, recovery, clock, announce, sink, signal } = this.#options;
    const startMs = clock.now();
    for (let inVain = 0; ; ) {
      const { failed, error } = await this.#play();
      if (failed === undefined) return { reason: 'ended' };
      const { attempt, segments } = failed;
      announce('sourceEnd', { key, attempt, segments, error });
      inVain = segments > 0 ? 0 : inVain + 1;
      const outageMs = clock.now() - (this.#lastSegmentMs ?? startMs);
      const tooMany = this.#lastSegmentMs === undefined && inVain >= recovery.openAttempts;
      if (isFinal(error) || tooMany || outageMs >= recovery.maxOutageMs) return { reason: 'failed', error };
      if (this.#lastSegmentMs !== undefined) sink.recovering();
      // One that is being opened to take over is the next one.
      await this.#move?.arrival;
      signal.throwIfAborted();
      if (this.#move !== undefined) continue;
      await pause(clock, Math.min(recovery.retryDelayMs * 2 ** Math.max(0, inVain - 1), MAX_RETRY_DELAY_MS), signal);
    }
  }

  /** Takes segments until the stream is over, or until the source in use has failed and is closed. */
  async #play(): Promise<{ failed?: FeedSource; error?: unknown }> {
    const { signal } = this.#options;
    for (;;) {
      if (this.#move?.isReady) this.#goOver(this.#move);
      this.#current ??= this.#source(false);
      const source = this.#current;
      try {
        const taken = await this.#nextOf(source);
        if (taken === 'interrupted') continue;
        if (taken === undefined) return {};
        await this.#take(taken, source.signal);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        this.#current = undefined;
        // What it holds must be free before the next one is opened.
        await this.#close(source, 'failed');
        signal.throwIfAborted();
        return { failed: source, error };
      }
    }
  }

  /** The next segment of a source, unless another one is ready to take over before it comes. */
  #nextOf(source: FeedSource): Promise<TakenSegment | 'interrupted' | undefined> {
    return new Promise((resolve, reject) => {
      this.#onReady = () => resolve('interrupted');
      source.next().then(resolve, reject);
    });
  }

  /**
   * Opens another source beside the one in use, and goes over to it when it is ready. False when it came to nothing,
   * when there is none in use, and when a move is on: all stays as it was.
   */
  move(): Promise<boolean> {
    if (this.#current === undefined || this.#move !== undefined || this.#options.signal.aborted) {
      return Promise.resolve(false);
    }
    const { promise, resolve: settle } = Promise.withResolvers<boolean>();
    const source = this.#source(true);
    this.#move = { source, arrival: this.#arrive(source), isReady: false, settle };
    return promise;
  }

  async #arrive(source: FeedSource): Promise<void> {
    const { key, announce } = this.#options;
    try {
      await source.prepare();
      if (this.#move?.source !== source) return;
      this.#move.isReady = true;
      this.#onReady();
    } catch (error) {
      if (source.signal.aborted) return;
      const move = this.#move;
      this.#move = undefined;
      announce('sourceEnd', { key, attempt: source.attempt, segments: 0, error });
      await this.#close(source, 'failed');
      move?.settle(false);
    }
  }

  /** Not waited for: what viewers had before may take its time to close. */
  #goOver({ source, settle }: Move): void {
    const { key, announce } = this.#options;
    if (this.#current !== undefined) void this.#close(this.#current, 'moved');
    this.#current = source;
    this.#move = undefined;
    announce('moved', { key, attempt: source.attempt });
    settle(true);
  }

  #source(moving: boolean): FeedSource {
    const { key, open, signal, announce } = this.#options;
    return new FeedSource({
      ...{ key, open, signal, moving, attempt: ++this.#attempts },
      opened: () => this.#opened++,
      closeFailed: (error) => announce('closeFailed', { key, error }),
    });
  }

  #close(source: FeedSource, reason: SourceCloseReason): Promise<void> {
    const closing = source.close(reason).finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
    return closing;
  }

  async #take({ segment, source, discontinuity }: TakenSegment, signal: AbortSignal): Promise<void> {
    const { clock, sink } = this.#options;
    const startMs = clock.now();
    segment.done.catch(() => {});
    sink.begin(segment, source, discontinuity);
    const parts = segment.parts[Symbol.asyncIterator]();
    let settled = false;
    try {
      for (;;) {
        const { done, value: part } = await untilAborted(parts.next(), signal);
        if (done === true) break;
        sink.part(part);
      }
      const { durationMs, fetchMs = clock.now() - startMs } = await untilAborted(segment.done, signal);
      settled = true;
      this.#lastSegmentMs = clock.now();
      sink.settle({ state: 'complete', durationMs, fetchMs });
    } catch (error) {
      if (settled || signal.aborted) throw error;
      sink.settle({ state: 'lost', durationMs: segment.expectedDurationMs, fetchMs: clock.now() - startMs });
    }
  }
}
