const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** What the units of a scale step by: thousands, 1024 for bytes, seconds, minutes and hours of milliseconds, or things that have no halves. */
export type ScaleKind = 'decimal' | 'bytes' | 'duration' | 'count';

/** Round values from 0 to at or above `max`, about `count` of them, round in the unit that is shown. */
export function valueTicks(max: number, count: number, kind: ScaleKind = 'decimal'): number[] {
  if (!(max > 0)) return [0, 1];
  const unit = unitOf(max, kind);
  const nice = niceStep(max / unit / count) * unit;
  const step = kind === 'count' ? Math.ceil(nice) : nice;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, index) => index * step);
}

/** Powers of ten from at or below `min` to at or above `max`, at least two. Both are above 0. */
export function decadeTicks(min: number, max: number): number[] {
  const first = Math.floor(Math.log10(min) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(max) - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
}

function unitOf(max: number, kind: ScaleKind): number {
  if (kind === 'duration') return [hour, minute, second].find((each) => max >= each) ?? 1;
  const base = kind === 'bytes' ? 1_024 : 1_000;
  return base ** Math.max(0, Math.floor(Math.log(max) / Math.log(base)));
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}

const timeSteps = [
  second,
  2 * second,
  5 * second,
  10 * second,
  15 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  15 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  24 * hour,
] as const;

/** Round times of day between `from` and `to` (Unix milliseconds), at most one more than `count`. `zoneMs` is the zone's offset. */
export function timeTicks(from: number, to: number, count: number, zoneMs: number): number[] {
  const fitting = timeSteps.findIndex((each) => (to - from) / each <= count);
  const index = fitting < 0 ? timeSteps.length - 1 : fitting;
  const ticks = multiples(timeSteps[index]!, from, to, zoneMs);
  // One mark alone says nothing of how fast time goes.
  return ticks.length < 2 && index > 0 ? multiples(timeSteps[index - 1]!, from, to, zoneMs) : ticks;
}

function multiples(step: number, from: number, to: number, zoneMs: number): number[] {
  const ticks: number[] = [];
  for (let at = Math.ceil((from + zoneMs) / step) * step - zoneMs; at <= to; at += step) ticks.push(at);
  return ticks;
}
