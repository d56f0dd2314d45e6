import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import type { EngineRuntime, RuntimeEngine } from './engine-runtime.ts';
import { followEvents } from './follow-events.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface WatchOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  /** Lists again after this time even when no event came; undefined for not until one does. Asked after each listing. */
  readonly resyncIntervalMs: () => number | undefined;
  readonly onListed: (engines: readonly RuntimeEngine[]) => void;
  /** Where engines are made something changed, or may have. */
  readonly onNetwork: () => void;
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
  /** Who waits for a listing that has not begun yet, and who for the one that runs. */
  #awaiting: (() => void)[] = [];
  #listedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #nextAt = Number.POSITIVE_INFINITY;
  #cancelTimer: () => void = () => {};

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Resolves after the first listing, whether that succeeded or failed. */
  start(): Promise<void> {
    const { clock, runtime, onNetwork, onFailed } = this.#options;
    if (runtime.events !== undefined) {
      this.#following = followEvents({
        clock,
        runtime,
        signal: this.#closing.signal,
        onChange: (type) => {
          if (type === 'network' || type === undefined) onNetwork();
          this.#listAt(this.#listedAt + minGapMs);
        },
        onBroken: (error) => onFailed('events', error),
      });
    }
    return this.#run();
  }

  /** Resolves after the next listing that begins later than this call and succeeds, or when closed. */
  refresh(): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#awaiting.push(resolve);
      if (this.#failures === 0) this.#listAt(this.#listedAt + minGapMs);
    });
  }

  /** The time to the next listing may be shorter now. */
  hurry(): void {
    if (this.#listing === undefined && this.#failures === 0) this.#planResync();
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    for (const resolve of this.#awaiting.splice(0)) resolve();
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
    const served = this.#awaiting.splice(0);
    try {
      const engines = await limitTime((attempt) => runtime.list({ signal: attempt }), {
        clock,
        ms: listTimeoutMs,
        signal,
        timeoutReason: () => new Error(`The ${runtime.kind} runtime listed no engines within ${listTimeoutMs} ms`),
      });
      signal.throwIfAborted();
      this.#failures = 0;
      onListed(engines);
      for (const resolve of served) resolve();
    } catch (error) {
      if (signal.aborted) {
        for (const resolve of served) resolve();
        return;
      }
      this.#awaiting.push(...served);
      this.#failures += 1;
      onFailed('list', error);
    }
  }

  #plan(): void {
    if (this.#closing.signal.aborted) return;
    const requestedAt = this.#nextAt;
    this.#nextAt = Number.POSITIVE_INFINITY;
    if (requestedAt < Number.POSITIVE_INFINITY) this.#listAt(requestedAt);
    if (this.#failures === 0) this.#planResync();
    else this.#listAt(this.#options.clock.now() + retryDelayMs(this.#failures));
  }

  #planResync(): void {
    const { clock, runtime, resyncIntervalMs } = this.#options;
    // A set of engines that cannot change needs no second look.
    const delayMs = runtime.canProvision || runtime.events !== undefined ? resyncIntervalMs() : undefined;
    if (delayMs !== undefined) this.#listAt(Math.max(clock.now(), this.#listedAt + delayMs));
  }
}
