import type { Clock, HlsProxySettings } from './contract.ts';
import { isFinal } from './errors.ts';
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

/** Takes segments from one source after another, each closed once, until one is over or none can be had. */
export class SourceFeed {
  readonly #options: SourceFeedOptions;
  #opened = 0;
  #lastSegmentMs: number | undefined;

  constructor(options: SourceFeedOptions) {
    this.#options = options;
  }

  get sourcesOpened(): number {
    return this.#opened;
  }

  /** Resolves when it is over. Rejects with the signal's reason, everything closed. */
  async run(): Promise<FeedOutcome> {
    const { key, recovery, clock, announce, sink, signal } = this.#options;
    const startMs = clock.now();
    for (let attempt = 1, inVain = 0; ; attempt++) {
      let segments = 0;
      try {
        for await (const _ of this.#play(attempt)) segments++;
        return { reason: 'ended' };
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        announce('sourceEnd', { key, attempt, segments, error });
        inVain = segments > 0 ? 0 : inVain + 1;
        const outageMs = clock.now() - (this.#lastSegmentMs ?? startMs);
        const tooMany = this.#lastSegmentMs === undefined && inVain >= recovery.openAttempts;
        if (isFinal(error) || tooMany || outageMs >= recovery.maxOutageMs) return { reason: 'failed', error };
        if (this.#lastSegmentMs !== undefined) sink.recovering();
        await pause(clock, Math.min(recovery.retryDelayMs * 2 ** Math.max(0, inVain - 1), MAX_RETRY_DELAY_MS), signal);
      }
    }
  }

  /** One source from open to close, a turn for each segment. */
  async *#play(attempt: number): AsyncGenerator<void, void, undefined> {
    const { signal } = this.#options;
    const controller = new AbortController();
    const forward = (): void => controller.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    if (signal.aborted) forward();
    let source: SegmentSource | undefined;
    let iterator: AsyncIterator<Segment> | undefined;
    let reason: SourceCloseReason = 'failed';
    try {
      source = await this.#open(attempt, controller.signal);
      iterator = source[Symbol.asyncIterator]();
      let expected: number | undefined;
      for (;;) {
        const { done, value: segment } = await untilAborted(iterator.next(), controller.signal);
        if (done === true) break;
        const jumped = expected !== undefined && segment.sequence !== expected;
        expected = segment.sequence + 1;
        await this.#take(segment, source, segment.discontinuity || jumped, controller.signal);
        yield;
      }
      reason = 'ended';
    } finally {
      if (signal.aborted) reason = signal.reason as SourceCloseReason;
      signal.removeEventListener('abort', forward);
      controller.abort(reason);
      await this.#close(source, iterator, reason);
    }
  }

  async #open(attempt: number, signal: AbortSignal): Promise<SegmentSource> {
    const { key, open } = this.#options;
    const opening = (async () => open(key, { signal, attempt }))();
    try {
      const source = await untilAborted(opening, signal);
      this.#opened++;
      return source;
    } catch (error) {
      // An opener that does not listen to its signal may still come with a source.
      if (signal.aborted) {
        opening.then(
          (late) => this.#close(late, undefined, signal.reason as SourceCloseReason),
          () => {},
        );
      }
      throw error;
    }
  }

  async #take(segment: Segment, source: SegmentSource, discontinuity: boolean, signal: AbortSignal): Promise<void> {
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

  async #close(
    source: SegmentSource | undefined,
    iterator: AsyncIterator<Segment> | undefined,
    reason: SourceCloseReason,
  ): Promise<void> {
    // Not waited for: a generator that hangs in a wait of its own would never come to its return.
    iterator?.return?.()?.catch?.(() => {});
    try {
      await source?.close?.(reason);
    } catch (error) {
      this.#options.announce('closeFailed', { key: this.#options.key, error });
    }
  }
}
