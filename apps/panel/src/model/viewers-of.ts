import type { StreamState } from '../api/types.ts';

/** Who watches some streams, all together. */
export function viewersOf(streams: readonly StreamState[]): number {
  return streams.reduce((sum, { clients }) => sum + clients, 0);
}
