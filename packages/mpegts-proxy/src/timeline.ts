import { PCR_TICKS_PER_MS, PCR_WRAP } from './packet.ts';

/** A step between two PCRs beyond this is a jump of the time base and not media. */
const MAX_STEP_MS = 10_000;
/** Offsets of dropped samples are cut off the arrays when so many have gathered. */
const COMPACT_AT = 1024;

interface Sample {
  readonly offset: number;
  readonly timeMs: number;
  readonly pcr: number;
}

/**
 * Media time over places in the stream. It starts at 0 and advances with the PCR (33-bit wrap handled, jumps of the
 * time base left out), or with arrival where a stream has no PCR.
 */
export class Timeline {
  #samples: Sample[] = [];
  #first = 0;
  #timeMs = 0;
  #lastPcr = -1;
  #lastArrivalMs = -1;

  /** Media time at the newest sample, in milliseconds. */
  get headMs(): number {
    return this.#timeMs;
  }

  /** The newest PCR; -1 while there is none. */
  get lastPcr(): number {
    return this.#lastPcr;
  }

  get hasPcr(): boolean {
    return this.#lastPcr >= 0;
  }

  addPcr(offset: number, pcr: number): void {
    if (this.#lastPcr >= 0) {
      const stepMs = pcrDistance(this.#lastPcr, pcr) / PCR_TICKS_PER_MS;
      if (stepMs < MAX_STEP_MS) this.#timeMs += stepMs;
    }
    this.#lastPcr = pcr;
    this.#samples.push({ offset, timeMs: this.#timeMs, pcr });
  }

  /** For streams without a PCR: media time is the time of arrival. */
  addArrival(offset: number, nowMs: number): void {
    if (this.#lastArrivalMs >= 0) this.#timeMs += Math.min(nowMs - this.#lastArrivalMs, MAX_STEP_MS);
    this.#lastArrivalMs = nowMs;
    this.#samples.push({ offset, timeMs: this.#timeMs, pcr: -1 });
  }

  /** The next PCR belongs to another time base: it says nothing about the time since the last one. */
  breakTimeBase(): void {
    this.#lastPcr = -1;
    this.#lastArrivalMs = -1;
  }

  /** Media time at a place: that of the newest sample at or before it. */
  timeAt(offset: number): number {
    const index = this.#lastAtOrBefore((sample) => sample.offset <= offset);
    return index < this.#first ? (this.#samples[this.#first]?.timeMs ?? this.#timeMs) : this.#samples[index]!.timeMs;
  }

  /** The newest place whose media time is at most `timeMs`; undefined when all are later. */
  offsetAt(timeMs: number): number | undefined {
    const index = this.#lastAtOrBefore((sample) => sample.timeMs <= timeMs);
    return index < this.#first ? undefined : this.#samples[index]!.offset;
  }

  /** The first PCR at or behind a place; -1 while there is none. */
  pcrFrom(offset: number): number {
    return this.#samples[this.#lastAtOrBefore((sample) => sample.offset < offset) + 1]?.pcr ?? -1;
  }

  /** Places of the packets that carry exactly this PCR, oldest first. */
  offsetsOfPcr(pcr: number): number[] {
    const found: number[] = [];
    for (let index = this.#first; index < this.#samples.length; index++) {
      if (this.#samples[index]!.pcr === pcr) found.push(this.#samples[index]!.offset);
    }
    return found;
  }

  /** Bits per second of media over all samples; 0 while that cannot be told. */
  get bitsPerSecond(): number {
    const first = this.#samples[this.#first];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.timeMs - first.timeMs < 100) return 0;
    return ((last.offset - first.offset) * 8000) / (last.timeMs - first.timeMs);
  }

  dropBefore(offset: number): void {
    while (this.#first < this.#samples.length && this.#samples[this.#first]!.offset < offset) this.#first++;
    if (this.#first < COMPACT_AT) return;
    this.#samples = this.#samples.slice(this.#first);
    this.#first = 0;
  }

  /** Index of the last sample for which a predicate that turns from true to false holds; `first - 1` for none. */
  #lastAtOrBefore(holds: (sample: Sample) => boolean): number {
    let low = this.#first;
    let high = this.#samples.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.#samples[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Ticks from one PCR to a later one, [0, 2^33 × 300): over the wrap where there is one. */
export function pcrDistance(from: number, to: number): number {
  const distance = to - from;
  return distance < 0 ? distance + PCR_WRAP : distance;
}
