import type { Clock } from '../time/clock.ts';

/** A clock that stands still until it is told to go on. */
export interface FakeClock extends Clock {
  /**
   * Goes on by `ms`, running what falls due in order of time, and lets pending promises settle before, between and
   * after. `advance(0)` only lets promises settle.
   */
  advance(ms: number): Promise<void>;
  /** Timers that wait: 0 when everything that was started has ended. */
  readonly pendingTimers: number;
}

/** Makes a clock whose monotonic time begins at 0 and whose wall time begins at `startWallMs` (default 2026-01-01). */
export function fakeClock(startWallMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let now = 0;
  let sequence = 0;
  const timers = new Map<number, { at: number; callback: () => void }>();
  const soonest = (): [number, { at: number; callback: () => void }] | undefined => {
    let first: [number, { at: number; callback: () => void }] | undefined;
    for (const entry of timers) if (first === undefined || entry[1].at < first[1].at) first = entry;
    return first;
  };
  return {
    now: () => now,
    wallNow: () => startWallMs + now,
    after(ms, callback) {
      sequence += 1;
      const id = sequence;
      timers.set(id, { at: now + Math.max(0, ms), callback });
      return () => timers.delete(id);
    },
    async advance(ms) {
      const until = now + ms;
      await promisesSettled();
      for (let due = soonest(); due !== undefined && due[1].at <= until; due = soonest()) {
        now = due[1].at;
        timers.delete(due[0]);
        due[1].callback();
        await promisesSettled();
      }
      now = until;
    },
    get pendingTimers() {
      return timers.size;
    },
  };
}

/** A turn of the event loop comes after every promise that can settle without one. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
