import type { Client } from './client.ts';
import type { Clock } from './contract.ts';
import { CutPace } from './cut-pace.ts';
import type { CutEvent } from './open-segment.ts';
import { ProgramDateTime } from './program-date-time.ts';
import type { Segment } from './segment-contract.ts';
import { SegmentCutter, type SegmentCutterOptions } from './segment-cutter.ts';
import { SegmentFeed } from './segment-feed.ts';

/** Segments that nobody has asked for yet, beyond which cutting waits. */
const MAX_WAITING = 2;

type Asker = PromiseWithResolvers<IteratorResult<Segment, undefined>>;

export interface SegmentStreamOptions extends SegmentCutterOptions {
  readonly aheadMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
  /** Joins the session, as a client. */
  readonly join: (signal: AbortSignal) => Promise<Client>;
  /** What the iteration ends with when the session has ended. */
  readonly ended: (client: Client) => Error;
}

/**
 * One iteration over the segments of a session. It is a client like any other: it joins, keeps its place in the ring,
 * falls out of it, and leaves. `return` takes effect at once, whatever is being waited for.
 */
export class SegmentStream implements AsyncIterableIterator<Segment, undefined> {
  readonly #options: SegmentStreamOptions;
  readonly #cutter: SegmentCutter;
  readonly #waiting: Segment[] = [];
  readonly #askers: Asker[] = [];
  readonly #left = new AbortController();
  #feed: SegmentFeed | undefined;
  #sequence = 0;
  #workMs = 0;
  #started = false;
  #end: { readonly error: unknown } | undefined;
  #roomFreed: (() => void) | undefined;
  #interrupt: (() => void) | undefined;

  constructor(options: SegmentStreamOptions) {
    this.#options = options;
    this.#cutter = new SegmentCutter(options);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Segment, undefined>> {
    const asker: Asker = Promise.withResolvers();
    this.#askers.push(asker);
    if (!this.#started) {
      this.#started = true;
      this.#run();
    }
    this.#answer();
    return asker.promise;
  }

  async return(): Promise<IteratorResult<Segment, undefined>> {
    this.#started = true;
    this.#finish(undefined, { drop: true });
    return { done: true, value: undefined };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    const abort = (): void => this.#finish(signal?.reason, { drop: true });
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const client = await this.#options.join(this.#left.signal);
      await this.#read(client);
      this.#finish(this.#options.ended(client), { drop: false });
    } catch (error) {
      this.#finish(error, { drop: false });
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #read(client: Client): Promise<void> {
    const { clock } = this.#options;
    const pace = new CutPace(this.#options.aheadMs, clock.now());
    const dateTime = new ProgramDateTime(clock.wallNow(), client.stats().lagMs);
    for await (const chunk of client) {
      const startMs = clock.now();
      const events = this.#cutter.push(chunk, startMs);
      this.#workMs += clock.now() - startMs;
      dateTime.arrived(this.#cutter.mediaMs, clock.wallNow());
      for (const event of events) this.#deliver(event, dateTime);
      await this.#pause(pace.waitMs(this.#cutter.mediaMs, clock.now()));
      while (this.#waiting.length >= MAX_WAITING && this.#end === undefined) await this.#room();
    }
  }

  /** Lets time pass, at most until the end of the iteration. */
  async #pause(ms: number): Promise<void> {
    if (ms === 0 || this.#end !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#interrupt = resolve;
    const cancel = this.#options.clock.after(ms, resolve);
    await promise;
    cancel();
  }

  /** Resolves when a segment is taken, or at the end of the iteration. */
  #room(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#roomFreed = resolve;
    return promise;
  }

  #deliver(event: CutEvent, dateTime?: ProgramDateTime): void {
    if (event.type === 'part') return this.#feed?.add(event.part);
    if (event.type === 'end') return this.#complete(event.durationMs);
    if (event.discontinuity) dateTime?.restart();
    const wallMs = this.#options.clock.wallNow();
    if (event.discontinuity) dateTime?.arrived(this.#cutter.mediaMs, wallMs);
    this.#feed = new SegmentFeed({
      sequence: this.#sequence++,
      discontinuity: event.discontinuity,
      programDateTimeMs: dateTime?.at(event.startMediaMs, wallMs),
    });
    this.#waiting.push(this.#feed.segment);
    this.#answer();
  }

  #complete(durationMs: number): void {
    this.#feed?.end({ durationMs, fetchMs: this.#workMs });
    this.#feed = undefined;
    this.#workMs = 0;
  }

  /** Hands out what is there to who asks. What was cut before the end is handed out before it. */
  #answer(): void {
    while (this.#askers.length > 0) {
      const segment = this.#waiting.shift();
      if (segment !== undefined) this.#askers.shift()!.resolve({ done: false, value: segment });
      else if (this.#end === undefined) break;
      else this.#answerWithEnd(this.#askers.shift()!, this.#end);
    }
    if (this.#waiting.length < MAX_WAITING) this.#roomFreed?.();
  }

  /** An error is told once; whoever asks again hears that it is over. */
  #answerWithEnd(asker: Asker, end: { readonly error: unknown }): void {
    this.#end = { error: undefined };
    if (end.error === undefined) asker.resolve({ done: true, value: undefined });
    else asker.reject(end.error);
  }

  /** @param drop what was cut and not handed out */
  #finish(error: unknown, options: { drop: boolean }): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    for (const event of this.#cutter.finish()) this.#deliver(event);
    if (options.drop) this.#waiting.length = 0;
    this.#left.abort(new DOMException('The iteration over segments has ended', 'AbortError'));
    this.#roomFreed?.();
    this.#interrupt?.();
    this.#answer();
  }
}
