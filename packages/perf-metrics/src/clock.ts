/** Where the time comes from. */
export interface Clock {
  /** Milliseconds since any fixed moment, with fractions, that never go back: `performance.now()`, not `Date.now()`. */
  now(): number;
}

/** Monotonic time of this process. It does not follow corrections of the wall clock. */
export const systemClock: Clock = { now: () => performance.now() };
