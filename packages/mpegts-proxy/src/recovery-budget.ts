import type { ProxySettings, SourceEndReason } from './contract.ts';

/**
 * Decides when a stream is given up. Failures and attempts count for `windowMs`; what is older than that is forgiven.
 * Pure: the caller says what time it is.
 */
export class RecoveryBudget {
  readonly #settings: ProxySettings['recovery'];
  #failures: { atMs: number; kind: SourceEndReason }[] = [];
  #attempts: number[] = [];

  constructor(settings: ProxySettings['recovery']) {
    this.#settings = settings;
  }

  /** A source that delivered too little, or that could not be continued. */
  addFailure(kind: SourceEndReason, nowMs: number): void {
    this.#failures.push({ atMs: nowMs, kind });
  }

  addAttempt(nowMs: number): void {
    this.#attempts.push(nowMs);
  }

  /** Whether another attempt may be made. */
  allows(nowMs: number): boolean {
    const { windowMs, maxFailures, maxAttempts } = this.#settings;
    this.#failures = this.#failures.filter(({ atMs }) => nowMs - atMs < windowMs);
    this.#attempts = this.#attempts.filter((atMs) => nowMs - atMs < windowMs);
    if (this.#attempts.length >= maxAttempts) return false;
    const ofKind = new Map<SourceEndReason, number>();
    for (const { kind } of this.#failures) ofKind.set(kind, (ofKind.get(kind) ?? 0) + 1);
    return maxFailures > 0 && Math.max(0, ...ofKind.values()) < maxFailures;
  }
}

/** Wait before the attempt with this number (0 the first) of one recovery. */
export function retryDelayMs(attempt: number, firstMs: number): number {
  return attempt === 0 ? 0 : Math.min(firstMs * 2 ** (attempt - 1), 5_000);
}
