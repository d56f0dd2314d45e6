import type { Clock } from './clock.ts';

export interface TimeLimit {
  readonly clock: Clock;
  readonly ms: number;
  /** Why it ended, when the time is up. */
  readonly timeoutReason: () => Error;
  /** Ends it earlier, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs `call` with a signal that aborts when the time is up or the outer signal aborts, and settles then at the
 * latest, even if `call` ignores its signal. Leaves no timer and no listener.
 */
export function limitTime<T>(call: (signal: AbortSignal) => Promise<T>, limit: TimeLimit): Promise<T> {
  const { clock, ms, timeoutReason, signal } = limit;
  if (signal?.aborted) return Promise.reject(signal.reason);
  return new Promise((resolve, reject) => {
    const attempt = new AbortController();
    const giveUp = (reason: unknown): void => {
      clean();
      reject(reason);
      attempt.abort(reason);
    };
    const onAbort = (): void => giveUp(signal?.reason);
    const cancelTimeout = clock.after(ms, () => giveUp(timeoutReason()));
    const clean = (): void => {
      cancelTimeout();
      signal?.removeEventListener('abort', onAbort);
    };
    signal?.addEventListener('abort', onAbort);
    // The executor turns a synchronous throw into a rejection.
    new Promise<T>((settle) => settle(call(attempt.signal))).finally(clean).then(resolve, reject);
  });
}
