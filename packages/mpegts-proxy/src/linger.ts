import type { Clock } from './contract.ts';

export interface LingerOptions {
  readonly clock: Clock;
  readonly ms: number;
  /** Whether somebody is here. */
  readonly isUsed: () => boolean;
  /** Nobody has been here for `ms`. */
  readonly over: () => void;
}

/**
 * The time for which a stream is kept although nobody is there. A join does not stop the timer: when it fires, it is
 * looked again who is here, and since when nobody is.
 */
export class Linger {
  readonly #options: LingerOptions;
  #sinceMs: number | undefined;
  #cancel: (() => void) | undefined;

  constructor(options: LingerOptions) {
    this.#options = options;
  }

  /** Since when nobody is here; undefined while somebody is. */
  get sinceMs(): number | undefined {
    return this.#sinceMs;
  }

  /** The last one has left. */
  begin(): void {
    this.#sinceMs = this.#options.clock.now();
    this.#wait(this.#options.ms);
  }

  /** Somebody came. */
  end(): void {
    this.#sinceMs = undefined;
  }

  #wait(ms: number): void {
    const { clock, isUsed, over } = this.#options;
    this.#cancel ??= clock.after(ms, () => {
      this.#cancel = undefined;
      if (isUsed() || this.#sinceMs === undefined) return;
      const leftMs = this.#sinceMs + this.#options.ms - clock.now();
      if (leftMs > 0) this.#wait(leftMs);
      else over();
    });
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#sinceMs = undefined;
  }
}
