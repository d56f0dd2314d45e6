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

/**
 * Keeps the list of a runtime's engines current. Events only wake it; what counts is the listing that follows. One
 * listing at a time, and whatever happens while it runs leads to exactly one more.
 */
export class RuntimeWatch {
  readonly #options: WatchOptions;
  readonly #closing = new AbortController();
  #following: Promise<void> | undefined;
  #listing: Promise<void> | undefined;
  #isStale = false;
  #failures = 0;
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
        onChange: () => void this.refresh(),
        onBroken: (error) => onFailed('events', error),
      });
    }
    return this.refresh();
  }

  /** Lists now, or once more after the listing under way. Resolves when that is done; never rejects. */
  refresh(): Promise<void> {
    this.#isStale = true;
    this.#listing ??= this.#listUntilFresh();
    return this.#listing;
  }

  /** Resolves when nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#cancelTimer();
    await Promise.all([this.#following, this.#listing]);
  }

  async #listUntilFresh(): Promise<void> {
    while (this.#isStale && !this.#closing.signal.aborted) {
      this.#isStale = false;
      await this.#list();
    }
    this.#listing = undefined;
  }

  async #list(): Promise<void> {
    const { clock, runtime, resyncIntervalMs, onListed, onFailed } = this.#options;
    const { signal } = this.#closing;
    this.#cancelTimer();
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
    // A set of engines that cannot change needs no second look.
    if (this.#failures === 0 && !runtime.canProvision && runtime.events === undefined) return;
    const delayMs = this.#failures === 0 ? resyncIntervalMs : retryDelayMs(this.#failures);
    this.#cancelTimer = clock.after(delayMs, () => void this.refresh());
  }
}
