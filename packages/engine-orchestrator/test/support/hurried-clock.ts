import type { Clock } from '../../src/time/clock.ts';

/** A clock that runs as fast as it is told to; timers that wait follow it. */
export interface HurriedClock extends Clock {
  /** 1 is as fast as ever. */
  setSpeed(speed: number): void;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  handle: NodeJS.Timeout;
}

export function hurriedClock(): HurriedClock {
  const startedAt = Date.now();
  const timers = new Set<Timer>();
  let speed = 1;
  let base = 0;
  let since = performance.now();
  const now = (): number => base + (performance.now() - since) * speed;
  const arm = (timer: Timer): NodeJS.Timeout =>
    setTimeout(
      () => {
        timers.delete(timer);
        timer.callback();
      },
      Math.max(0, timer.at - now()) / speed,
    );
  return {
    now,
    wallNow: () => startedAt + now(),
    after(ms, callback) {
      const timer = { at: now() + ms, callback } as Timer;
      timer.handle = arm(timer);
      timers.add(timer);
      return () => {
        clearTimeout(timer.handle);
        timers.delete(timer);
      };
    },
    setSpeed(next) {
      base = now();
      since = performance.now();
      speed = next;
      for (const timer of timers) {
        clearTimeout(timer.handle);
        timer.handle = arm(timer);
      }
    },
  };
}
