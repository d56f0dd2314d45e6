import type { Clock } from '../time/clock.ts';

/** Begins the passes of a loop: soon after it was woken, once however often that was, and when something falls due. */
export class PassTimer {
  readonly #clock: Clock;
  readonly #pass: () => void;
  #isWoken = false;
  #closed = false;
  #cancelTimer: () => void = () => {};

  constructor({ clock, pass }: { readonly clock: Clock; readonly pass: () => void }) {
    this.#clock = clock;
    this.#pass = pass;
  }

  /** A pass is about to begin. */
  get isWoken(): boolean {
    return this.#isWoken;
  }

  wake(): void {
    if (this.#isWoken || this.#closed) return;
    this.#isWoken = true;
    queueMicrotask(() => {
      this.#isWoken = false;
      if (!this.#closed) this.#pass();
    });
  }

  /** Wakes when the first of these times has passed; what is over does not count. Replaces what was set before. */
  wakeIn(delaysMs: readonly number[]): void {
    const ahead = delaysMs.filter((ms) => ms > 0);
    this.#cancelTimer();
    if (ahead.length > 0 && !this.#closed) this.#cancelTimer = this.#clock.after(Math.min(...ahead), () => this.wake());
  }

  close(): void {
    this.#closed = true;
    this.#cancelTimer();
  }
}
