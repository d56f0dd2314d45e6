import type { ProxySettings, SourceEndReason } from './contract.ts';
import { SourceError } from './errors.ts';

/** Why no source is tried any more. */
export type Verdict = 'open_failed' | 'source_unstable' | 'recovery_exhausted';

/**
 * Decides when a stream is given up. Failures and attempts count for `windowMs`; what is older than that is forgiven.
 * Pure: the caller says what time it is.
 */
export class RecoveryBudget {
  readonly #settings: ProxySettings['recovery'];
  #failures: { atMs: number; kind: SourceEndReason }[] = [];
  #attempts: number[] = [];
  #outageSinceMs: number | undefined;
  #retriesInARow = 0;

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

  /** The source in use is in trouble; an outage begins unless there is one. */
  troubled(nowMs: number): void {
    this.#outageSinceMs ??= nowMs;
  }

  /** A source is in use, and well. */
  settled(): void {
    this.#outageSinceMs = undefined;
    this.#retriesInARow = 0;
  }

  /** Wait before the next attempt of this outage. */
  takeDelayMs(): number {
    return retryDelayMs(this.#retriesInARow++, this.#settings.retryDelayMs);
  }

  /**
   * Why there is not to be another attempt; undefined when there is.
   *
   * @param cause what the last one ended with
   * @param opening how many sources were tried, while none has delivered yet
   */
  verdict(cause: unknown, opening: number | undefined, nowMs: number): Verdict | undefined {
    const { openAttempts, maxFailures, maxOutageMs } = this.#settings;
    const isFinal = cause instanceof SourceError && !cause.retryable;
    if (opening !== undefined) return isFinal || opening >= openAttempts ? 'open_failed' : undefined;
    if (isFinal || maxFailures === 0) return 'recovery_exhausted';
    if (nowMs - (this.#outageSinceMs ?? nowMs) >= maxOutageMs) return 'recovery_exhausted';
    return this.#allows(nowMs) ? undefined : 'source_unstable';
  }

  #allows(nowMs: number): boolean {
    const { windowMs, maxFailures, maxAttempts } = this.#settings;
    this.#failures = this.#failures.filter(({ atMs }) => nowMs - atMs < windowMs);
    this.#attempts = this.#attempts.filter((atMs) => nowMs - atMs < windowMs);
    if (this.#attempts.length >= maxAttempts) return false;
    const ofKind = new Map<SourceEndReason, number>();
    for (const { kind } of this.#failures) ofKind.set(kind, (ofKind.get(kind) ?? 0) + 1);
    return Math.max(0, ...ofKind.values()) < maxFailures;
  }
}

/** Wait before the attempt with this number (0 the first) of one recovery. */
function retryDelayMs(attempt: number, firstMs: number): number {
  return attempt === 0 ? 0 : Math.min(firstMs * 2 ** (attempt - 1), 5_000);
}
