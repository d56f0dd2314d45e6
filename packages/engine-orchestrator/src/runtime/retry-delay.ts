const firstRetryMs = 1_000;
const maxRetryMs = 30_000;

/** The pause before a runtime that failed `failures` times in a row is asked again: 1 s, doubling up to 30 s. */
export function retryDelayMs(failures: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** Math.min(failures - 1, 10));
}
