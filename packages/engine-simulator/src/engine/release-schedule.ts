/**
 * How unevenly an engine hands on live data: it is released in bursts `burstEveryMs` apart, each up to `jitterMs` late.
 * `jitterMs` is at most `burstEveryMs`, so that releases stay in order.
 */
export interface Unevenness {
  readonly burstEveryMs: number;
  readonly jitterMs: number;
}

/** A fraction in [0, 1) that depends on the seed and the release alone, so that no state is kept. */
function noise(seed: number, index: number): number {
  let mixed = Math.imul((seed ^ index) >>> 0, 0x9e3779b1) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca77) >>> 0;
  return ((mixed ^ (mixed >>> 13)) >>> 0) / 4_294_967_296;
}

/**
 * The moment of the newest release at or before `nowMs`: data due by then has been handed on, later data has not.
 * With `burstEveryMs` 0 that is `nowMs` itself.
 */
export function lastReleaseMs(nowMs: number, unevenness: Unevenness, seed: number): number {
  const { burstEveryMs, jitterMs } = unevenness;
  if (burstEveryMs === 0) return nowMs;
  const index = Math.floor(nowMs / burstEveryMs);
  const latest = index * burstEveryMs + noise(seed, index) * jitterMs;
  return latest <= nowMs ? latest : (index - 1) * burstEveryMs + noise(seed, index - 1) * jitterMs;
}
