/** `half-open`: one trial is let through, and decides. */
export type BreakerState = 'closed' | 'open' | 'half-open';

export interface BreakerOptions {
  /** Failures without a success between them that open it. */
  readonly failures: number;
  /** How long it stays open, and how long a failure counts. */
  readonly openMs: number;
  readonly onChange: (from: BreakerState, to: BreakerState) => void;
}

/** A frozen snapshot. */
export interface BreakerStatus {
  readonly state: BreakerState;
  /** Failures that count now. */
  readonly failures: number;
  readonly threshold: number;
  /** Until a trial is let through; 0 unless it is open. */
  readonly retryInMs: number;
  /** Of the last failure, for people. */
  readonly lastFailure: string | undefined;
}

/** Stops what keeps failing for a while. Time is given by the caller, in monotonic milliseconds. */
export class CircuitBreaker {
  readonly #options: BreakerOptions;
  #failedAt: number[] = [];
  #openUntil: number | undefined;
  #trials = 0;
  #state: BreakerState = 'closed';
  #lastFailure: string | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  /** How many attempts may begin now. */
  allowance(now: number): number {
    if (this.#stateAt(now) === 'closed') return Number.POSITIVE_INFINITY;
    return this.#state === 'open' ? 0 : 1 - this.#trials;
  }

  /** An attempt begins; its end is told by {@link ended}. */
  began(now: number): void {
    if (this.#stateAt(now) === 'half-open') this.#trials = 1;
  }

  /**
   * An attempt ended; `ignored` says nothing about the next one. A `lasting` failure, one that will repeat until
   * somebody changes something, opens it at once.
   */
  ended(now: number, outcome: 'ok' | 'ignored' | { readonly failure: string; readonly lasting?: boolean }): void {
    this.#stateAt(now);
    this.#trials = 0;
    if (outcome === 'ignored') return;
    if (outcome === 'ok') {
      // An attempt from before it opened says nothing about what failed since.
      if (this.#state === 'open') return;
      this.#failedAt = [];
      return this.#become('closed');
    }
    this.#lastFailure = outcome.failure;
    this.#failedAt = [...this.#recent(now), now];
    const isSpent = this.#failedAt.length >= this.#options.failures;
    if (this.#state === 'half-open' || outcome.lasting === true || isSpent) this.#open(now);
  }

  /** Closes it and forgets every failure. */
  reset(): void {
    this.#failedAt = [];
    this.#trials = 0;
    this.#openUntil = undefined;
    this.#become('closed');
  }

  status(now: number): BreakerStatus {
    const state = this.#stateAt(now);
    return Object.freeze({
      state,
      failures: this.#recent(now).length,
      threshold: this.#options.failures,
      retryInMs: state === 'open' ? (this.#openUntil ?? now) - now : 0,
      lastFailure: this.#lastFailure,
    });
  }

  #open(now: number): void {
    this.#openUntil = now + this.#options.openMs;
    this.#become('open');
  }

  #stateAt(now: number): BreakerState {
    if (this.#state === 'open' && now >= (this.#openUntil ?? 0)) this.#become('half-open');
    return this.#state;
  }

  #recent(now: number): number[] {
    return this.#failedAt.filter((at) => now - at < this.#options.openMs);
  }

  #become(state: BreakerState): void {
    const from = this.#state;
    if (from === state) return;
    this.#state = state;
    this.#options.onChange(from, state);
  }
}
