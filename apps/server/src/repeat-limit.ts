export interface RepeatLimitOptions {
  /** Equal lines that are written within a window. */
  readonly max: number;
  readonly windowMs: number;
  /** Monotonic milliseconds. Default `performance.now`. */
  readonly nowMs?: () => number;
}

interface Window {
  sinceMs: number;
  count: number;
}

/** Kinds of lines that are remembered at most; the one that was begun first goes first. */
const maxKinds = 1_000;

/** Decides which of many equal log lines are written, so that one fault that repeats does not fill a disk. */
export class RepeatLimit {
  readonly #options: RepeatLimitOptions;
  readonly #windows = new Map<string, Window>();

  constructor(options: RepeatLimitOptions) {
    this.#options = options;
  }

  /** Undefined when a line of this kind is left out; else how many were left out before it. */
  admit(kind: string): number | undefined {
    const { max, windowMs, nowMs = () => performance.now() } = this.#options;
    const now = nowMs();
    const window = this.#windows.get(kind);
    if (window === undefined || now - window.sinceMs >= windowMs) {
      this.#windows.delete(kind);
      this.#windows.set(kind, { sinceMs: now, count: 1 });
      const oldest = this.#windows.keys().next();
      if (this.#windows.size > maxKinds && !oldest.done) this.#windows.delete(oldest.value);
      return Math.max(0, (window?.count ?? 0) - max);
    }
    window.count += 1;
    return window.count > max ? undefined : 0;
  }
}
