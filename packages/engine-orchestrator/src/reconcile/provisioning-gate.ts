import type { BreakerName } from '../hooks.ts';
import { retryDelayMs } from '../runtime/retry-delay.ts';
import type { Clock } from '../time/clock.ts';
import { type BreakerState, CircuitBreaker } from './circuit-breaker.ts';
import type { ProvisioningBlock, ProvisioningStatus, Purpose } from './provisioning.ts';
import { type ReadFailure, readFailure } from './read-failure.ts';

export interface BreakerLimits {
  readonly breakerFailures: number;
  readonly breakerMs: number;
  readonly replaceBreakerFailures: number;
  readonly replaceBreakerMs: number;
}

export interface GateOptions {
  readonly clock: Clock;
  readonly limits: BreakerLimits;
  readonly onBreaker: (
    breaker: BreakerName,
    from: BreakerState,
    to: BreakerState,
    lastFailure: string | undefined,
  ) => void;
}

/** Decides whether engines may be made, from how that went before. */
export class ProvisioningGate {
  readonly #clock: Clock;
  readonly #general: CircuitBreaker;
  readonly #replacement: CircuitBreaker;
  /** The last failure, until an engine worked. */
  #failure: ReadFailure | undefined;
  #lastFailure: ProvisioningStatus['lastFailure'];
  #failures = 0;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  constructor({ clock, limits, onBreaker }: GateOptions) {
    const breaker = (name: BreakerName, failures: number, openMs: number): CircuitBreaker =>
      new CircuitBreaker({
        failures,
        openMs,
        onChange: (from, to) => onBreaker(name, from, to, this.#lastFailure?.message),
      });
    this.#clock = clock;
    this.#general = breaker('general', limits.breakerFailures, limits.breakerMs);
    this.#replacement = breaker('replacement', limits.replaceBreakerFailures, limits.replaceBreakerMs);
  }

  get lastFailure(): ProvisioningStatus['lastFailure'] {
    return this.#lastFailure;
  }

  /** How many engines may be begun at the moment `now`, and how many of those that replace one. */
  allowance(now: number): { general: number; replacement: number } {
    if (now < this.#pausedUntil) return { general: 0, replacement: 0 };
    return { general: this.#general.allowance(now), replacement: this.#replacement.allowance(now) };
  }

  began(purpose: Purpose): void {
    for (const breaker of this.#breakersOf(purpose)) breaker.began(this.#clock.now());
  }

  /** An engine that was made here answers. */
  worked(purpose: Purpose): void {
    this.#failures = 0;
    this.#failure = undefined;
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
    for (const breaker of this.#breakersOf(purpose)) breaker.ended(this.#clock.now(), 'ok');
  }

  /** It went before anything could be told. */
  withdrawn(purpose: Purpose): void {
    for (const breaker of this.#breakersOf(purpose)) breaker.ended(this.#clock.now(), 'ignored');
  }

  /** An engine could not be made, or did not work. */
  failed(purpose: Purpose, error: unknown): void {
    const now = this.#clock.now();
    const failure = readFailure(error);
    this.#failures += 1;
    this.#failure = failure;
    this.#lastFailure = Object.freeze({ at: this.#clock.wallNow(), message: failure.message });
    this.#pausedUntil = now + Math.max(failure.retryAfterMs, retryDelayMs(this.#failures));
    // A runtime or a network that is away says nothing about whether engines can be made there once it is back.
    const isAway = failure.unavailable || failure.blocks !== 'general_error';
    const outcome = isAway ? 'ignored' : { failure: failure.message, lasting: !failure.retryable };
    for (const breaker of this.#breakersOf(purpose)) breaker.ended(now, outcome);
  }

  /** What is configured has changed: what failed may work now. */
  retrySoon(): void {
    if (this.#failure?.retryable === false) this.reset();
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
  }

  reset(name?: BreakerName): void {
    this.#failures = 0;
    this.#pausedUntil = Number.NEGATIVE_INFINITY;
    if (name !== 'replacement') this.#general.reset();
    if (name !== 'general') this.#replacement.reset();
  }

  breakers(): ProvisioningStatus['breakers'] {
    const now = this.#clock.now();
    return Object.freeze({ general: this.#general.status(now), replacement: this.#replacement.status(now) });
  }

  /** From `now` until the gate may open by itself. */
  dueInMs(now: number): readonly number[] {
    return [this.#pausedUntil - now, this.#general.status(now).retryInMs, this.#replacement.status(now).retryInMs];
  }

  /** Why no engine can be made, as far as that is up to how it went before. */
  block(): ProvisioningBlock | undefined {
    const now = this.#clock.now();
    const { state, retryInMs } = this.#general.status(now);
    const failure = this.#failure;
    if (failure !== undefined && failure.blocks !== 'general_error') {
      const etaMs = Math.max(retryInMs, this.#pausedUntil - now, 1_000);
      return describe(failure.blocks, failure.message, etaMs, failure.retryable);
    }
    const isTried = state === 'half-open' && this.#general.allowance(now) === 0;
    if (state === 'open' || isTried) {
      const why = this.#lastFailure === undefined ? '' : `: ${this.#lastFailure.message}`;
      const message = `Making engines is paused after it failed${why}`;
      const waits = isTried ? 10_000 : retryInMs;
      return { ...describe('circuit_breaker', message, waits, failure?.retryable ?? true), shouldWait: isTried };
    }
    if (failure === undefined || now >= this.#pausedUntil) return undefined;
    return describe('general_error', failure.message, this.#pausedUntil - now, failure.retryable);
  }

  #breakersOf(purpose: Purpose): CircuitBreaker[] {
    return purpose === 'replace' ? [this.#general, this.#replacement] : [this.#general];
  }
}

function describe(
  code: ProvisioningBlock['code'],
  message: string,
  etaMs: number,
  canRetry: boolean,
): ProvisioningBlock {
  const recoveryEtaSeconds = Math.max(1, Math.ceil(etaMs / 1_000));
  return { code, message, recoveryEtaSeconds, canRetry, shouldWait: canRetry };
}
