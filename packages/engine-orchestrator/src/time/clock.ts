/** Time and timers. Inject a fake one in tests (`fakeClock` of `./testing`); the default is {@link systemClock}. */
export interface Clock {
  /** Monotonic milliseconds; only differences mean something. */
  now(): number;
  /** Unix milliseconds, for what people read. */
  wallNow(): number;
  /** Calls `callback` once after `ms`; the returned function cancels it and may be called again. */
  after(ms: number, callback: () => void): () => void;
}

/** Monotonic time of this process, and its timers. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};
