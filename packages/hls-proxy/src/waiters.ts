import type { Clock } from './contract.ts';

interface Waiter {
  readonly isReady: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Requests that wait for the window to change. Woken by the change; a timer only ends a wait that took too long. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /**
   * Resolves once `isReady`, looked at now and at every change.
   *
   * @throws the signal's reason, what `expired` makes after `timeoutMs`, or what `fail` was given
   */
  wait(
    isReady: () => boolean,
    options: { readonly timeoutMs: number; readonly expired: () => Error; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (isReady()) return Promise.resolve();
    return new Promise<void>((resolve, reject) => {
      const settle = (finish: () => void): void => {
        this.#waiting.delete(waiter);
        cancelTimer();
        signal?.removeEventListener('abort', onAbort);
        finish();
      };
      const onAbort = (): void => settle(() => reject(signal?.reason));
      const waiter: Waiter = {
        isReady,
        resolve: () => settle(resolve),
        reject: (error) => settle(() => reject(error)),
      };
      const cancelTimer = this.#clock.after(options.timeoutMs, () => waiter.reject(options.expired()));
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Something has changed: those whose time has come go on. */
  wake(): void {
    for (const waiter of this.#waiting) if (waiter.isReady()) waiter.resolve();
  }

  /** Nothing will change any more. */
  fail(error: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(error);
  }
}
