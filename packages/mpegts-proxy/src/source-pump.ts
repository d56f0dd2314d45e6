import type { Clock, SourceEndReason } from './contract.ts';
import { SourceError } from './errors.ts';

/** Bytes taken in one go before other work gets its turn, where a source always has more. */
const YIELD_AFTER_BYTES = 4 * 1024 * 1024;

export interface SourceEnd {
  readonly reason: SourceEndReason;
  /** What the source threw; undefined for a clean end. */
  readonly error: unknown;
}

export interface PumpEvents {
  chunk(chunk: Uint8Array): void;
  /** Nothing came for `stallMs` while it was reading. Told once per silence; the next chunk ends it. */
  stalled(): void;
  /** Called once, last. Not called after {@link SourcePump.stop}. */
  end(end: SourceEnd): void;
}

/**
 * Reads a source: one chunk asked for at a time, none while paused, so that back-pressure reaches the sender. Tells
 * of the end, an error, and of silence while it was reading.
 */
export class SourcePump {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #events: PumpEvents;
  readonly #clock: Clock;
  readonly #stallMs: number;
  #paused = false;
  #pulling = false;
  #stopped = false;
  #lastByteMs: number;
  #silenceTold = false;
  #bytesSinceYield = 0;
  #cancelStallTimer: (() => void) | undefined;

  constructor(chunks: AsyncIterable<Uint8Array>, events: PumpEvents, options: { clock: Clock; stallMs: number }) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#events = events;
    this.#clock = options.clock;
    this.#stallMs = options.stallMs;
    this.#lastByteMs = this.#clock.now();
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Starts reading; `stallMs` counts from here, or from {@link armStall} where the first byte has its own deadline. */
  start(): void {
    this.#pull();
  }

  /** From now on silence is a stall. */
  armStall(): void {
    this.#lastByteMs = this.#clock.now();
    this.#silenceTold = false;
    this.#watch();
  }

  pause(): void {
    this.#paused = true;
    this.#cancelStallTimer?.();
    this.#cancelStallTimer = undefined;
  }

  resume(): void {
    if (!this.#paused || this.#stopped) return;
    this.#paused = false;
    this.armStall();
    this.#pull();
  }

  /** Takes nothing more and tells nothing more. The iterator is asked to return, not waited for. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#cancelStallTimer?.();
    this.#chunks.return?.().then(undefined, () => {});
  }

  #pull(): void {
    if (this.#pulling || this.#paused || this.#stopped) return;
    this.#pulling = true;
    this.#chunks.next().then(this.#onResult, this.#onError);
  }

  readonly #onResult = (result: IteratorResult<Uint8Array>): void => {
    this.#pulling = false;
    if (this.#stopped) return;
    if (result.done) return this.#end({ reason: 'ended', error: undefined });
    if (this.#silenceTold) this.armStall();
    else this.#lastByteMs = this.#clock.now();
    this.#bytesSinceYield += result.value.length;
    try {
      this.#events.chunk(result.value);
    } catch (error) {
      return this.#onError(error);
    }
    if (this.#bytesSinceYield < YIELD_AFTER_BYTES) return this.#pull();
    this.#bytesSinceYield = 0;
    setImmediate(() => this.#pull());
  };

  readonly #onError = (error: unknown): void => {
    if (this.#stopped) return;
    this.#end({ reason: error instanceof SourceError ? error.reason : 'reset', error });
  };

  #end(end: SourceEnd): void {
    this.stop();
    this.#events.end(end);
  }

  /** One timer at a time, set anew for the rest when it finds that bytes have come meanwhile. */
  #watch(): void {
    if (this.#cancelStallTimer !== undefined || this.#stopped || this.#paused) return;
    const due = this.#lastByteMs + this.#stallMs - this.#clock.now();
    this.#cancelStallTimer = this.#clock.after(Math.max(due, 1), () => {
      this.#cancelStallTimer = undefined;
      if (this.#clock.now() - this.#lastByteMs < this.#stallMs) return this.#watch();
      this.#silenceTold = true;
      this.#events.stalled();
    });
  }
}
