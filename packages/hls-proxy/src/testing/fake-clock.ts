import type { Clock } from '../contract.ts';

export interface FakeClock extends Clock {
  /** Lets time pass, firing what falls due in order; promises settle between timers. */
  advance(ms: number): Promise<void>;
  /** Timers that have not fired. */
  readonly pending: number;
}

/** A clock that stands still until it is told to go on. */
export function fakeClock(startWallMs = 1_700_000_000_000): FakeClock {
  let nowMs = 0;
  const timers = new Set<{ due: number; callback: () => void }>();
  return {
    now: () => nowMs,
    wallNow: () => startWallMs + nowMs,
    after(ms, callback) {
      const timer = { due: nowMs + Math.max(0, ms), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const until = nowMs + ms;
      for (;;) {
        await settle();
        let next: { due: number; callback: () => void } | undefined;
        for (const timer of timers)
          if (timer.due <= until && (next === undefined || timer.due < next.due)) next = timer;
        if (next === undefined) break;
        timers.delete(next);
        nowMs = Math.max(nowMs, next.due);
        next.callback();
      }
      nowMs = until;
      await settle();
    },
    get pending() {
      return timers.size;
    },
  };
}

/** Everything that is already possible happens: promise reactions, and one turn of the event loop. */
async function settle(): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
}
