/**
 * Numbers the seconds of a clock, and never goes back: where the clock does, the count stays where it is and runs on
 * from there with the clock. Where the clock answers no number, the count stays until it does again.
 */
export class SecondCounter {
  #offsetMs = 0;
  #second: number;

  /** @throws TypeError when `nowMs` is not a finite number. */
  constructor(nowMs: number) {
    if (!Number.isFinite(nowMs)) {
      throw new TypeError(`clock.now() must return a finite number of milliseconds, got ${String(nowMs)}`);
    }
    this.#second = Math.floor(nowMs / 1000);
  }

  /** Number of the running second when the clock says `nowMs`. */
  at(nowMs: number): number {
    const second = Math.floor((nowMs + this.#offsetMs) / 1000);
    return second === this.#second ? second : this.#move(second);
  }

  #move(second: number): number {
    if (!Number.isSafeInteger(second)) return this.#second;
    if (second > this.#second) this.#second = second;
    else this.#offsetMs += (this.#second - second) * 1000;
    return this.#second;
  }
}
