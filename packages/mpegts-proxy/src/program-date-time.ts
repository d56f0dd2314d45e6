/** Media that is this much earlier than it should be came in a burst: what was said of its time is wrong. */
const BURST_MS = 1_000;
/** Time is not told for so long after a burst. */
const SETTLE_MS = 2_000;

/** The wall time of media, from when it arrived: known once the burst with which a source starts is over. */
export class ProgramDateTime {
  /** Wall time of media time 0. */
  #originMs = Number.POSITIVE_INFINITY;
  #unsettledSinceMs = Number.NEGATIVE_INFINITY;

  /** @param lagMs media that is known to follow what comes first: where it is more than nothing, its time is known at once */
  constructor(wallMs: number, lagMs: number) {
    if (lagMs > BURST_MS) this.#originMs = wallMs - lagMs;
  }

  /** Media up to `mediaMs` has arrived. */
  arrived(mediaMs: number, wallMs: number): void {
    const originMs = wallMs - mediaMs;
    if (originMs >= this.#originMs - BURST_MS) return;
    this.#originMs = originMs;
    this.#unsettledSinceMs = wallMs;
  }

  /** What comes now does not follow on what came before. */
  restart(): void {
    this.#originMs = Number.POSITIVE_INFINITY;
  }

  /** Unix time in milliseconds of a media time; undefined while that cannot be told. */
  at(mediaMs: number, wallMs: number): number | undefined {
    return wallMs - this.#unsettledSinceMs < SETTLE_MS ? undefined : this.#originMs + mediaMs;
  }
}
