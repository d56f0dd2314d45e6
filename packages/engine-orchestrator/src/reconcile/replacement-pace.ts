import type { Clock } from '../time/clock.ts';

/** After an outdated engine was replaced, the next one follows so soon. */
const pauseMs = 1_000;

/** How soon after a replacement the next one may begin. */
export class ReplacementPace {
  readonly #clock: Clock;
  readonly #cooldownMs: number;
  #cooldownUntil = Number.NEGATIVE_INFINITY;
  #pauseUntil = Number.NEGATIVE_INFINITY;

  constructor({ clock, cooldownMs }: { readonly clock: Clock; readonly cooldownMs: number }) {
    this.#clock = clock;
    this.#cooldownMs = cooldownMs;
  }

  began(reason: 'unhealthy' | 'outdated'): void {
    const now = this.#clock.now();
    this.#pauseUntil = now + pauseMs;
    // Many that fail at once have one cause, which replacing them does not mend.
    if (reason === 'unhealthy') this.#cooldownUntil = now + this.#cooldownMs;
  }

  /** From `now` until the next unhealthy engine may be replaced, and until the next outdated one. */
  left(now: number): { readonly cooldownLeftMs: number; readonly pauseLeftMs: number } {
    return {
      cooldownLeftMs: Math.max(0, this.#cooldownUntil - now),
      pauseLeftMs: Math.max(0, this.#pauseUntil - now),
    };
  }
}
