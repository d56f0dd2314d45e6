import { formatSignificant, unknown } from './number.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `850 µs`, `12.3 ms`, `1.5 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined || !Number.isFinite(ms)) return unknown;
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms === 0) return '0 ms';
  if (ms < 1) return `${formatSignificant(ms * 1_000)} µs`;
  if (ms < second) return `${formatSignificant(ms)} ms`;
  if (ms < minute) return `${formatSignificant(Math.floor(ms / 100) / 10)} s`;
  if (ms < hour) return twoParts(ms, minute, 'min', second, 's');
  if (ms < day) return twoParts(ms, hour, 'h', minute, 'min');
  return twoParts(ms, day, 'd', hour, 'h');
}

/** `just now`, `12 s ago`, `5 min ago`, `in 3 h`; of what lies before or after `now`. */
export function formatAgo(time: number, now: number): string {
  const age = now - time;
  if (Math.abs(age) < 2 * second) return 'just now';
  const text = formatElapsed(Math.abs(age));
  return age > 0 ? `${text} ago` : `in ${text}`;
}

const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });
const shortClock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** `24 Nov 2026, 22:51:11`, in the reader's time zone. */
export function formatAbsolute(time: number): string {
  return absolute.format(time);
}

/** `22:51:11`. */
export function formatClock(time: number): string {
  return clock.format(time);
}

/** `22:51:11.042`. */
export function formatPreciseClock(time: number): string {
  return `${clock.format(time)}.${String(time % 1_000).padStart(3, '0')}`;
}

/** `22:51`. */
export function formatShortClock(time: number): string {
  return shortClock.format(time);
}

/** `12 s`, `5 min`, `3 h`, `2 d`: the largest whole unit. */
export function formatElapsed(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`;
  if (ms < hour) return `${Math.floor(ms / minute)} min`;
  if (ms < day) return `${Math.floor(ms / hour)} h`;
  return `${Math.floor(ms / day)} d`;
}

function twoParts(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  const head = `${Math.floor(ms / large)} ${largeName}`;
  return rest === 0 ? head : `${head} ${rest} ${smallName}`;
}
