/** A small lead is watched for so long before it counts as falling (by a tenth of real time at least). */
const OBSERVE_MS = 2_000;

/**
 * How far the media that a source has delivered is ahead of the time it took: what players can hold in store. Pure:
 * the caller says what time it is.
 */
export class MediaLead {
  readonly #minLeadMs: number;
  #startMediaMs = 0;
  #startMs = 0;
  #highestMs = 0;
  #started = false;
  /** Since when the lead has been too small, and what it was then. */
  #low: { readonly sinceMs: number; readonly leadMs: number } | undefined;

  constructor(minLeadMs: number) {
    this.#minLeadMs = minLeadMs;
  }

  /** Counts from here, with so much already in store: after a start, a splice, or a pause of ours. */
  restart(mediaMs: number, nowMs: number, leadMs = 0): void {
    this.#startMediaMs = mediaMs - leadMs;
    this.#startMs = nowMs;
    this.#highestMs = leadMs;
    this.#started = true;
    this.#low = undefined;
  }

  /**
   * Whether the source falls behind: less than `minLeadMs` is left of a lead that was larger, or as much was lost
   * where there never was one (an engine without a start burst), and it keeps falling. A source that caught itself
   * after a pause is not replaced.
   */
  isSpent(mediaMs: number, nowMs: number): boolean {
    if (!this.#started) return false;
    const leadMs = mediaMs - this.#startMediaMs - (nowMs - this.#startMs);
    if (leadMs > this.#highestMs) this.#highestMs = leadMs;
    if (leadMs >= Math.min(this.#minLeadMs, this.#highestMs - this.#minLeadMs)) {
      this.#low = undefined;
      return false;
    }
    this.#low ??= { sinceMs: nowMs, leadMs };
    if (nowMs - this.#low.sinceMs < OBSERVE_MS) return false;
    const isFalling = leadMs < this.#low.leadMs - OBSERVE_MS / 10;
    this.#low = undefined;
    return isFalling;
  }
}
