import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import type { EngineRuntime, RuntimeEngine } from './engine-runtime.ts';
import { followEvents } from './follow-events.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface WatchOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  /** Lists again after this time even when no event came. */
  readonly resyncIntervalMs: number;
  readonly onListed: (engines: readonly RuntimeEngine[]) => void;
  readonly onFailed: (operation: 'list' | 'events', error: unknown) => void;
}

/** Time limit of one listing. */
const listTimeoutMs = 15_000;
/** Listings begin at least so far apart, so that a burst of events costs two of them. */
const minGapMs = 100;

/**
 * Keeps the list of a runtime's engines current. Events only wake it; what counts is the listing that follows. One
 * listing at a time, and an event that comes while it runs leads to another.
 */
export class RuntimeWatch {
  readonly #options: WatchOptions;
  readonly #closing = new AbortController();
  #following: Promise<void> | undefined;
  #listing: Promise<void> | undefined;
  #listedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #nextAt = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Resolves after the first listing, whether that succeeded or failed. */
  start(): Promise<void> {
    const { clock, runtime, onFailed } = this.#options;
    if (runtime.events !== undefined) {
      this.#following = followEvents({
        clock,
        runtime,
        signal: this.#closing.signal,
        onChange: () => this.#listAt(this.#listedAt + minGapMs),
        onBroken: (error) => onFailed('events', error),
      });
    }
    return this.#run();
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    await Promise.all([this.#following, this.#listing]);
  }

  /** Lists at this time, or earlier when that is planned already. */
  #listAt(at: number): void {
    if (at >= this.#nextAt || this.#closing.signal.aborted) return;
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#nextAt = at;
    // What falls due while a listing runs waits for its end.
    this.#cancelTimer = clock.after(Math.max(0, at - clock.now()), () => void (this.#listing ?? this.#run()));
  }

  #run(): Promise<void> {
    this.#listedAt = this.#options.clock.now();
    this.#cancelTimer();
    this.#nextAt = Number.POSITIVE_INFINITY;
    this.#listing = this.#list().then(() => {
      this.#listing = undefined;
      this.#plan();
    });
    return this.#listing;
  }

  async #list(): Promise<void> {
    const { clock, runtime, onListed, onFailed } = this.#options;
    const { signal } = this.#closing;
    try {
      const engines = await limitTime((attempt) => runtime.list({ signal: attempt }), {
        clock,
        ms: listTimeoutMs,
        signal,
        timeoutReason: () => new Error(`The ${runtime.kind} runtime listed no engines within ${listTimeoutMs} ms`),
      });
      if (signal.aborted) return;
      this.#failures = 0;
      onListed(engines);
    } catch (error) {
      if (signal.aborted) return;
      this.#failures += 1;
      onFailed('list', error);
    }
  }

  #plan(): void {
    const { clock, runtime, resyncIntervalMs } = this.#options;
    if (this.#closing.signal.aborted) return;
    const requestedAt = this.#nextAt;
    this.#nextAt = Number.POSITIVE_INFINITY;
    if (requestedAt < Number.POSITIVE_INFINITY) this.#listAt(requestedAt);
    // A set of engines that cannot change needs no second look.
    if (this.#failures === 0 && !runtime.canProvision && runtime.events === undefined) return;
    this.#listAt(clock.now() + (this.#failures === 0 ? resyncIntervalMs : retryDelayMs(this.#failures)));
  }
}
