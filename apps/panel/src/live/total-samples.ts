import type { StreamState } from '../api/types.ts';
import { mediaRate } from '../model/media-rate.ts';

/** All streams together at one time. */
export interface TotalSample {
  /** Unix milliseconds. */
  readonly at: number;
  readonly streams: number;
  readonly viewers: number;
  readonly inBitsPerSecond: number;
  readonly outBitsPerSecond: number;
}

/** Sums up the streams: what comes from engines, and what goes to viewers. */
export function totalOf(streams: Iterable<StreamState>, at: number): TotalSample {
  let count = 0;
  let viewers = 0;
  let inBitsPerSecond = 0;
  let outBitsPerSecond = 0;
  for (const stream of streams) {
    const rate = mediaRate(stream) ?? 0;
    count += 1;
    viewers += stream.clients;
    inBitsPerSecond += rate;
    outBitsPerSecond += rate * stream.clients;
  }
  return { at, streams: count, viewers, inBitsPerSecond, outBitsPerSecond };
}
