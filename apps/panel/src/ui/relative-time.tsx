import { useSyncExternalStore } from 'react';
import { unknown } from '../format/number.ts';
import { formatAbsolute, formatAgo, formatElapsed } from '../format/time.ts';

/** One timer for all relative times of the page, and none while there are none. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** While the timer stands still the time is looked up, once a second at most: a snapshot must not change by itself. */
function current(): number {
  const time = Date.now();
  if (timer === undefined && time - now >= 1_000) now = time;
  return now;
}

/** Unix milliseconds, moving once a second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, current);
}

export interface RelativeTimeProps {
  readonly at: string | number | null | undefined;
  /** `3 min` instead of `3 min ago`. */
  readonly elapsed?: boolean;
}

/** `5 min ago`; the absolute time on hover. */
export function RelativeTime({ at, elapsed = false }: RelativeTimeProps) {
  const reference = useNow();
  if (at === null || at === undefined) return <>{unknown}</>;
  const time = typeof at === 'number' ? at : Date.parse(at);
  // A clock that is a little ahead of this one does not make a past event a future one.
  const now = Math.max(reference, time);
  return (
    <time className="num" dateTime={new Date(time).toISOString()} title={formatAbsolute(time)}>
      {elapsed ? formatElapsed(now - time) : formatAgo(time, now)}
    </time>
  );
}
