import { continuityOf, hasPayload, isDiscontinuity, PCR_TICKS_PER_MS } from './packet.ts';
import type { PictureSize } from './picture-size.ts';
import { pcrDistance } from './timeline.ts';

/** What is wrong with a stream, or right, counted while it plays. Times in media milliseconds, 0 while unknown. */
export interface StreamHealthStats {
  /** Packets lost or repeated by the counter, where no discontinuity was announced. ISO/IEC 13818-1 §2.4.3.3. */
  readonly continuityErrors: number;
  /** Packets whose transport_error_indicator is set. */
  readonly transportErrors: number;
  readonly scrambledPackets: number;
  /** Largest distance of two PATs lately. */
  readonly patIntervalMs: number;
  /** Largest distance of two PMTs lately. */
  readonly pmtIntervalMs: number;
  /** Largest distance of two PCRs lately. */
  readonly pcrIntervalMs: number;
  /** How unevenly the stream arrives against its own clock, smoothed as in RFC 3550 §6.4.1. */
  readonly arrivalJitterMs: number;
  /** Distance of the newest two keyframes. */
  readonly keyframeIntervalMs: number;
  readonly pictureSize: PictureSize | undefined;
  /** Video that hardly carries data: the picture may be frozen. */
  readonly frozenHint: boolean;
  /** Keyframes repeat in a cycle: the content may be a loop. */
  readonly loopHint: boolean;
}

/** The largest of the newest distances, over at least this time and at most twice as long. */
const LATELY_MS = 10_000;
/** Keyframes that are compared to find a cycle. */
const REMEMBERED_KEYFRAMES = 128;
/** Keyframes in a row that must have been seen before, in the same order. */
const LOOP_KEYFRAMES = 4;
/** Share of the usual video data below which a picture counts as frozen. */
const FROZEN_SHARE = 0.02;
const FROZEN_AFTER_MS = 5_000;

class Interval {
  #lastMs = -1;
  #sinceMs = 0;
  #current = 0;
  #previous = 0;

  get largestMs(): number {
    return Math.max(this.#current, this.#previous);
  }

  add(timeMs: number): void {
    if (this.#lastMs >= 0) this.#current = Math.max(this.#current, timeMs - this.#lastMs);
    this.#lastMs = timeMs;
    if (timeMs - this.#sinceMs < LATELY_MS) return;
    this.#previous = this.#current;
    this.#current = 0;
    this.#sinceMs = timeMs;
  }
}

/** Counts for {@link StreamHealthStats}; the scanner of the stream tells it what it meets. */
export class StreamHealth {
  readonly #pat = new Interval();
  readonly #pmt = new Interval();
  readonly #pcr = new Interval();
  continuityErrors = 0;
  transportErrors = 0;
  scrambledPackets = 0;
  videoPackets = 0;
  pictureSize: PictureSize | undefined;
  #jitterMs = 0;
  #lastPcr = -1;
  #lastArrivalMs = 0;
  #lastKeyframeMs = -1;
  #keyframeIntervalMs = 0;
  #keyframes: number[] = [];
  #repeats = 0;
  #repeatAt = -1;
  #videoSinceMs = 0;
  #videoPacketsSince = 0;
  #usualVideoRate = 0;
  #frozen = false;

  /** The counter of a packet is not the expected one. */
  unexpectedCounter(bytes: Uint8Array, at: number, expected: number): void {
    const isRepeat = hasPayload(bytes, at) && continuityOf(bytes, at) === ((expected + 15) & 15);
    if (!isRepeat && !isDiscontinuity(bytes, at)) this.continuityErrors++;
  }

  addPat(timeMs: number): void {
    this.#pat.add(timeMs);
  }

  addPmt(timeMs: number): void {
    this.#pmt.add(timeMs);
  }

  addPcr(pcr: number, timeMs: number, arrivalMs: number): void {
    this.#pcr.add(timeMs);
    if (this.#lastPcr >= 0) {
      const mediaMs = pcrDistance(this.#lastPcr, pcr) / PCR_TICKS_PER_MS;
      const deviationMs = Math.abs(arrivalMs - this.#lastArrivalMs - mediaMs);
      if (mediaMs < LATELY_MS) this.#jitterMs += (deviationMs - this.#jitterMs) / 16;
    }
    this.#lastPcr = pcr;
    this.#lastArrivalMs = arrivalMs;
    if (timeMs - this.#videoSinceMs >= FROZEN_AFTER_MS) this.#judgeVideo(timeMs);
  }

  /** Compares the video data of the last seconds with what is usual. */
  #judgeVideo(timeMs: number): void {
    const rate = (this.videoPackets - this.#videoPacketsSince) / (timeMs - this.#videoSinceMs);
    this.#frozen = this.#usualVideoRate > 0 && rate < this.#usualVideoRate * FROZEN_SHARE;
    if (!this.#frozen) this.#usualVideoRate += (rate - this.#usualVideoRate) * (this.#usualVideoRate === 0 ? 1 : 0.1);
    this.#videoSinceMs = timeMs;
    this.#videoPacketsSince = this.videoPackets;
  }

  /** @param fingerprint a hash of the keyframe's first bytes without its timestamps */
  addKeyframe(timeMs: number, fingerprint: number): void {
    if (this.#lastKeyframeMs >= 0) this.#keyframeIntervalMs = timeMs - this.#lastKeyframeMs;
    this.#lastKeyframeMs = timeMs;
    const follows = this.#repeatAt >= 0 && this.#keyframes[this.#repeatAt + 1] === fingerprint;
    this.#repeatAt = follows ? this.#repeatAt + 1 : this.#keyframes.lastIndexOf(fingerprint);
    this.#repeats = this.#repeatAt < 0 ? 0 : follows ? this.#repeats + 1 : 1;
    this.#keyframes.push(fingerprint);
    if (this.#keyframes.length <= REMEMBERED_KEYFRAMES) return;
    this.#keyframes.shift();
    this.#repeatAt--;
  }

  /** Another source took over: its clock and its counters start anew. */
  cut(): void {
    this.#lastPcr = -1;
    this.#lastKeyframeMs = -1;
    this.#repeatAt = -1;
    this.#repeats = 0;
  }

  stats(): StreamHealthStats {
    return Object.freeze({
      continuityErrors: this.continuityErrors,
      transportErrors: this.transportErrors,
      scrambledPackets: this.scrambledPackets,
      patIntervalMs: this.#pat.largestMs,
      pmtIntervalMs: this.#pmt.largestMs,
      pcrIntervalMs: this.#pcr.largestMs,
      arrivalJitterMs: this.#jitterMs,
      keyframeIntervalMs: this.#keyframeIntervalMs,
      pictureSize: this.pictureSize,
      frozenHint: this.#frozen,
      loopHint: this.#repeats >= LOOP_KEYFRAMES,
    });
  }
}
