import type { StreamState } from '../api/types.ts';

/** Bits per second that arrive now. The bitrate of a stream that looks for another engine is that of its past. */
export function mediaRate({ state, bitrate }: Pick<StreamState, 'state' | 'bitrate'>): number | null {
  return state === 'recovering' ? 0 : bitrate;
}
