/**
 * How much media may be cut now. Engines burst minutes of media and are silent until these could have been played; a
 * playlist that moved on with the burst would then stand still for as long. So a store of media may be cut at once,
 * which fills up again as time passes:
 *
 *     store   capacity ─╲                    ╱─────  even source: stays where the start left it
 *                  0     ╲____ waits ______╱
 *                          burst
 */
export class CutPace {
  readonly #capacityMs: number;
  #storeMs: number;
  #lastMediaMs = 0;
  #lastNowMs: number;

  constructor(capacityMs: number, nowMs: number) {
    this.#capacityMs = capacityMs;
    this.#storeMs = capacityMs;
    this.#lastNowMs = nowMs;
  }

  /** Milliseconds to wait before more is cut, now that `mediaMs` has been. */
  waitMs(mediaMs: number, nowMs: number): number {
    const filledMs = Math.min(this.#capacityMs, this.#storeMs + nowMs - this.#lastNowMs);
    this.#storeMs = filledMs - (mediaMs - this.#lastMediaMs);
    this.#lastMediaMs = mediaMs;
    this.#lastNowMs = nowMs;
    return Math.max(0, -this.#storeMs);
  }
}
