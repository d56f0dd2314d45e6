import type { Clock } from '../time/clock.ts';

export interface ImageWatchOptions {
  readonly clock: Clock;
  /** Time between two checks; 0 for none. */
  readonly everyMs: number;
  /** Asks the registry. False when another try may soon succeed. */
  readonly check: () => Promise<boolean>;
}

/** A server that is started over and over does not ask a registry each time. */
const firstAfterMs = 15 * 60_000;
/** After a try that failed. */
const retryAfterMs = 60 * 60_000;

/**
 * Says when it is time to ask the registry for a newer image. It has no timer: listings of the engines drive it, which
 * there are now and then while there are engines, and none while there are none.
 */
export class ImageWatch {
  readonly #options: ImageWatchOptions;
  #dueAt: number;
  #isAsking = false;

  constructor(options: ImageWatchOptions) {
    this.#options = options;
    this.#dueAt = options.clock.now() + Math.min(options.everyMs, firstAfterMs);
  }

  /** The engines were listed. */
  listed(engines: number): void {
    const { clock, everyMs } = this.#options;
    if (everyMs === 0 || engines === 0 || this.#isAsking || clock.now() < this.#dueAt) return;
    this.#check().catch(() => {});
  }

  async #check(): Promise<void> {
    const { clock, everyMs, check } = this.#options;
    this.#isAsking = true;
    let isSettled = false;
    try {
      isSettled = await check();
    } finally {
      this.#dueAt = clock.now() + (isSettled ? everyMs : Math.min(everyMs, retryAfterMs));
      this.#isAsking = false;
    }
  }
}
