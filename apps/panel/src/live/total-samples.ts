import type { StreamState } from '../api/types.ts';

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
  for (const { bitrate, clients } of streams) {
    count += 1;
    viewers += clients;
    inBitsPerSecond += bitrate ?? 0;
    outBitsPerSecond += (bitrate ?? 0) * clients;
  }
  return { at, streams: count, viewers, inBitsPerSecond, outBitsPerSecond };
}
