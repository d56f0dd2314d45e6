import type { StreamState } from '../api/types.ts';

/** How far an engine is behind the broadcast, in milliseconds; undefined when it does not say. */
export function behindLiveMs(livepos: StreamState['livepos']): number | undefined {
  const pos = secondsOf(livepos?.pos);
  const last = secondsOf(livepos?.live_last ?? livepos?.last_ts);
  return pos === undefined || last === undefined ? undefined : Math.max(0, last - pos) * 1_000;
}

/** How much an engine holds, in milliseconds. */
export function heldMs(livepos: StreamState['livepos']): number | undefined {
  const first = secondsOf(livepos?.live_first ?? livepos?.first_ts);
  const last = secondsOf(livepos?.live_last ?? livepos?.last_ts);
  return first === undefined || last === undefined ? undefined : Math.max(0, last - first) * 1_000;
}

/** Engines send Unix seconds as text, and −1 or nothing when there is no position. */
function secondsOf(text: string | null | undefined): number | undefined {
  const seconds = Number(text ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}
