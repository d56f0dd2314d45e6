import { createHash } from 'node:crypto';

/** A number in [0, 1). */
export type Random = () => number;

/** The same numbers for the same seed (mulberry32); for the simulator's whims, not for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A value or an inclusive range of milliseconds to draw from. */
export type DurationMs = number | readonly [minMs: number, maxMs: number];

export function drawMs(duration: DurationMs, random: Random): number {
  if (typeof duration === 'number') return duration;
  const [minMs, maxMs] = duration;
  return minMs + (maxMs - minMs) * random();
}

/** Forty hex digits, as the engine names its playback sessions. */
export function randomHex40(random: Random): string {
  return createHash('sha1').update(`${random()}:${random()}`).digest('hex');
}

/** Digits as Python's `random.random()` prints them, e.g. `0.3806757203360792`. */
export function randomPathToken(random: Random): string {
  const digits = Math.floor(random() * 0x1_0000_0000) * 0x10_0000 + Math.floor(random() * 0x10_0000);
  return `0.${String(digits).padStart(16, '0').slice(0, 16)}`;
}
