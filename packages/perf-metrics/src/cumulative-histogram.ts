import { BUCKET_COUNT, upperEdgeMs } from './duration-buckets.ts';

/** A cumulative histogram in the sense of Prometheus: it only grows, and a duration on a bound counts below it. */
export interface CumulativeCounts {
  /** Records so far. */
  readonly count: number;
  /** Sum of their durations in milliseconds. */
  readonly sumMs: number;
  /** For each bound, how many records took at most as long. The records above the last bound are in `count` only. */
  readonly countsAtBounds: readonly number[];
}

/** The bounds of cumulative histograms, made once and shared by all of them. */
export class HistogramBounds {
  readonly boundsMs: readonly number[];
  readonly #firstByBucket = new Uint16Array(BUCKET_COUNT);

  /** @throws RangeError unless the bounds are 1 to 100 finite numbers above 0, each above the one before. */
  constructor(boundsMs: readonly number[]) {
    const rising = boundsMs.every((bound, index) => Number.isFinite(bound) && bound > (boundsMs[index - 1] ?? 0));
    if (!rising || boundsMs.length < 1 || boundsMs.length > 100) {
      throw new RangeError(
        `histogramBoundsMs must be 1 to 100 numbers above 0, each above the one before, got [${boundsMs.join(', ')}]`,
      );
    }
    this.boundsMs = Object.freeze([...boundsMs]);
    for (let bucket = 1; bucket < BUCKET_COUNT; bucket++) {
      // A little below the edge, because the logarithm that sorts into buckets is rounded.
      const lowerEdgeMs = upperEdgeMs(bucket - 1) * (1 - 1e-9);
      this.#firstByBucket[bucket] = boundsMs.filter((bound) => bound < lowerEdgeMs).length;
    }
  }

  /** Index of the first bound that is not below `durationMs`, which lies in `bucket`; the number of bounds if none. */
  indexOf(bucket: number, durationMs: number): number {
    const bounds = this.boundsMs;
    let index = this.#firstByBucket[bucket]!;
    while (index < bounds.length && durationMs > bounds[index]!) index++;
    return index;
  }
}

/** Counts durations since it was made, exactly at every bound. */
export class CumulativeHistogram {
  readonly #bounds: HistogramBounds;
  readonly #counts: Float64Array;
  readonly #sumMs = new Float64Array(1);

  constructor(bounds: HistogramBounds) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.boundsMs.length + 1);
  }

  /** Bytes of memory held by the counters. */
  get memoryBytes(): number {
    return this.#counts.byteLength + this.#sumMs.byteLength;
  }

  add(bucket: number, durationMs: number): void {
    this.#counts[this.#bounds.indexOf(bucket, durationMs)]!++;
    this.#sumMs[0]! += durationMs;
  }

  read(): CumulativeCounts {
    let count = 0;
    const running = Array.from(this.#counts, (added) => {
      count += added;
      return count;
    });
    return { count, sumMs: this.#sumMs[0]!, countsAtBounds: running.slice(0, -1) };
  }
}
