/** Gaps that are looked at: at three parts a second, more than three minutes. */
const REMEMBERED = 600;

/** How unevenly parts arrive. An engine sends in bursts: low-latency players must stay further behind than its gaps. */
export class ArrivalGaps {
  readonly #gapsMs: number[] = [];
  #next = 0;
  #lastMs: number | undefined;

  /** A part has arrived. */
  add(nowMs: number): void {
    if (this.#lastMs !== undefined) {
      this.#gapsMs[this.#next] = nowMs - this.#lastMs;
      this.#next = (this.#next + 1) % REMEMBERED;
    }
    this.#lastMs = nowMs;
  }

  /** Wait of the next part is no gap: the source is another one. */
  restart(): void {
    this.#lastMs = undefined;
  }

  /** The 99th percentile; 0 while nothing is known. */
  p99Ms(): number {
    const sorted = this.#gapsMs.toSorted((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
  }
}
