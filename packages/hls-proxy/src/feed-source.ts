import type { OpenSegments, Segment, SegmentSource, SourceCloseReason } from './segment-source.ts';
import { untilAborted } from './until-aborted.ts';

export interface FeedSourceOptions {
  readonly key: string;
  readonly open: OpenSegments;
  readonly attempt: number;
  /** Whether another source goes on beside this one, which is to take over from it. */
  readonly moving: boolean;
  /** Of the session. Aborts with a {@link SourceCloseReason} as its reason. */
  readonly signal: AbortSignal;
  opened(): void;
  closeFailed(error: unknown): void;
}

/** A segment, and where it is from. */
export interface TakenSegment {
  readonly segment: Segment;
  readonly source: SegmentSource;
  /** A discontinuity lies before it. */
  readonly discontinuity: boolean;
}

/** One source from its opening to its close. */
export class FeedSource {
  readonly attempt: number;
  readonly #options: FeedSourceOptions;
  readonly #abort = new AbortController();
  readonly #forward = (): void => this.#abort.abort(this.#options.signal.reason);
  #source: SegmentSource | undefined;
  #iterator: AsyncIterator<Segment> | undefined;
  #expected: number | undefined;
  #closing: Promise<void> | undefined;
  #segments = 0;
  /** The first segment, while nobody has asked for it yet. */
  #ahead: Promise<TakenSegment | undefined> | undefined;

  constructor(options: FeedSourceOptions) {
    this.#options = options;
    this.attempt = options.attempt;
    const { signal } = options;
    signal.addEventListener('abort', this.#forward, { once: true });
    if (signal.aborted) this.#forward();
  }

  /** Aborts when it is closed. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Segments it has brought. */
  get segments(): number {
    return this.#segments;
  }

  /** Resolves when it can go on where another one is left. Rejects when it never will. */
  async prepare(): Promise<void> {
    this.#source = await this.#open();
    const first = this.#pull(this.#source);
    this.#ahead = first;
    const brought = first.then((taken) => {
      if (taken === undefined) throw new Error('it ended before its first segment');
    });
    const { ready } = this.#source;
    await (ready === undefined ? brought : Promise.race([brought, ready]));
  }

  /** Opens the source where it is not open. Undefined when its stream is over. */
  async next(): Promise<TakenSegment | undefined> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead !== undefined) return ahead;
    this.#source ??= await this.#open();
    return this.#pull(this.#source);
  }

  async #pull(source: SegmentSource): Promise<TakenSegment | undefined> {
    this.#iterator ??= source[Symbol.asyncIterator]();
    const { done, value: segment } = await untilAborted(this.#iterator.next(), this.signal);
    if (done === true) return undefined;
    // What takes over begins somewhere else.
    const jumped = this.#expected === undefined ? this.#options.moving : segment.sequence !== this.#expected;
    this.#expected = segment.sequence + 1;
    this.#segments++;
    return { segment, source, discontinuity: segment.discontinuity || jumped };
  }

  async #open(): Promise<SegmentSource> {
    const { key, open, attempt, moving } = this.#options;
    const { signal } = this;
    const opening = (async () => open(key, { signal, attempt, moving }))();
    try {
      const source = await untilAborted(opening, signal);
      this.#options.opened();
      return source;
    } catch (error) {
      // An opener that does not listen to its signal may still come with a source.
      if (signal.aborted) {
        opening.then(
          (late) => this.#end(late, signal.reason as SourceCloseReason),
          () => {},
        );
      }
      throw error;
    }
  }

  /** Never rejects; the same promise every time. */
  close(reason: SourceCloseReason): Promise<void> {
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: SourceCloseReason): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#forward);
    this.#abort.abort(reason);
    // Not waited for: a generator that hangs in a wait of its own would never come to its return.
    this.#iterator?.return?.()?.catch?.(() => {});
    if (this.#source !== undefined) await this.#end(this.#source, reason);
  }

  async #end(source: SegmentSource, reason: SourceCloseReason): Promise<void> {
    try {
      await source.close?.(reason);
    } catch (error) {
      this.#options.closeFailed(error);
    }
  }
}
