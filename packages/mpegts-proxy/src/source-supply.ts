import { Aligner } from './align.ts';
import type { Clock, CloseReason, FailedSource, OpenSource, ProxySettings, SourceEndReason } from './contract.ts';
import { SourceError } from './errors.ts';
import { type OpenedSource, openSource } from './opened-source.ts';
import { RecoveryBudget, retryDelayMs } from './recovery-budget.ts';
import type { SourceEnd } from './source-pump.ts';

/** Failed sources an opener is told of. */
const REMEMBERED_FAILURES = 20;

export interface SupplyEvents {
  /** A run of whole packets. */
  packets(run: Uint8Array): void;
  /** The source that delivered has ended; another one is being opened. `settled` says how much it had delivered. */
  ended(end: SourceEnd & { readonly id: string }): void;
  /** No source will come any more. */
  exhausted(reason: 'open_failed' | 'source_unstable' | 'recovery_exhausted', cause: unknown): void;
  closeFailed(source: string, error: unknown): void;
}

export interface SupplyOptions {
  readonly key: string;
  readonly open: OpenSource;
  readonly settings: ProxySettings;
  readonly clock: Clock;
}

/**
 * Where a session's packets come from: one source after the other. It opens them, aligns what they send, and replaces
 * the one that ends until the budget is spent. It knows nothing of clients or of what the packets mean.
 */
export class SourceSupply {
  readonly #options: SupplyOptions;
  readonly #events: SupplyEvents;
  readonly #budget: RecoveryBudget;
  readonly #failed: FailedSource[] = [];
  #source: OpenedSource | undefined;
  #aligner = new Aligner();
  #opening: AbortController | undefined;
  readonly #openings = new Set<Promise<void>>();
  readonly #closings = new Set<Promise<void>>();
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #everDelivered = false;
  #attemptsInARow = 0;
  #outageSinceMs: number;
  #resyncs = 0;
  #droppedBytes = 0;
  sourcesTried = 0;

  constructor(options: SupplyOptions, events: SupplyEvents) {
    this.#options = options;
    this.#events = events;
    this.#budget = new RecoveryBudget(options.settings.recovery);
    this.#outageSinceMs = options.clock.now();
  }

  /** The source that is open now. */
  get sourceId(): string | undefined {
    return this.#source?.id;
  }

  get paused(): boolean {
    return this.#source?.paused ?? false;
  }

  get resyncs(): number {
    return this.#resyncs + this.#aligner.resyncs;
  }

  /** Bytes that were not part of a packet. */
  get droppedBytes(): number {
    return this.#droppedBytes + this.#aligner.droppedBytes;
  }

  pause(): void {
    this.#source?.pause();
  }

  resume(): void {
    this.#source?.resume();
  }

  /** The source delivered too little or could not be continued: counts against the budget. */
  countFailure(kind: SourceEndReason): void {
    this.#budget.addFailure(kind, this.#options.clock.now());
  }

  /** Opens the next source. */
  open(): void {
    const { clock, settings, key } = this.#options;
    const opening = new AbortController();
    this.#opening = opening;
    this.#budget.addAttempt(clock.now());
    this.#aligner = new Aligner();
    const defaultId = `source-${++this.sourcesTried}`;
    const attempt = openSource(
      this.#options.open,
      {
        key,
        defaultId,
        failed: [...this.#failed],
        clock,
        firstByteMs: settings.limits.firstByteMs,
        firstByteCapMs: settings.limits.firstByteCapMs,
        stallMs: settings.recovery.stallMs,
        signal: opening.signal,
        closeFailed: this.#events.closeFailed,
      },
      { chunk: (chunk) => this.#take(chunk), end: (end) => this.#ended(end) },
    ).then(
      (source) => {
        if (this.#closed) return this.#closeSource(source, 'unused');
        this.#source = source;
        source.start();
      },
      (error: unknown) => {
        if (this.#closed) return;
        const reason = error instanceof SourceError ? error.reason : 'refused';
        this.#failed.push({ id: defaultId, reason });
        this.#retry(error);
      },
    );
    const done = attempt.finally(() => this.#openings.delete(done));
    this.#openings.add(done);
  }

  #take(chunk: Uint8Array): void {
    this.#aligner.push(chunk, this.#events.packets);
    if (this.#aligner.hopeless) {
      throw new SourceError(
        'bad-response',
        'not_mpegts',
        `${this.#options.key} did not answer with a transport stream`,
      );
    }
  }

  /** Packets from this source have been put into the stream. */
  delivered(): void {
    this.#everDelivered = true;
    this.#attemptsInARow = 0;
    this.#outageSinceMs = Number.POSITIVE_INFINITY;
  }

  #ended(end: SourceEnd): void {
    const source = this.#source;
    if (source === undefined || this.#closed) return;
    const nothing = end.reason === 'ended' && !this.#aligner.everInSync;
    const reason = nothing ? 'bad-response' : end.reason;
    this.#source = undefined;
    this.#resyncs += this.#aligner.resyncs;
    this.#droppedBytes += this.#aligner.droppedBytes;
    this.#failed.push({ id: source.id, reason });
    if (this.#failed.length > REMEMBERED_FAILURES) this.#failed.shift();
    if (this.#outageSinceMs === Number.POSITIVE_INFINITY) this.#outageSinceMs = this.#options.clock.now();
    this.#events.ended({ reason, error: end.error, id: source.id });
    this.#closeSource(source, reason);
    if (!this.#closed) this.#retry(end.error ?? new SourceError(reason, 'other', `${source.id} ended: ${reason}`));
  }

  /** Not waited for here: a hung source must not hold up its successor. */
  #closeSource(source: OpenedSource, reason: CloseReason): void {
    const closing = source.close(reason).finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
  }

  #retry(cause: unknown): void {
    const { clock, settings } = this.#options;
    const nowMs = clock.now();
    const final = cause instanceof SourceError && !cause.retryable;
    if (!this.#everDelivered) {
      if (final || this.sourcesTried >= settings.recovery.openAttempts) {
        return this.#events.exhausted('open_failed', cause);
      }
    } else {
      if (nowMs - this.#outageSinceMs >= settings.recovery.maxOutageMs) {
        return this.#events.exhausted('recovery_exhausted', cause);
      }
      if (!this.#budget.allows(nowMs)) {
        const off = settings.recovery.maxFailures === 0;
        return this.#events.exhausted(off ? 'recovery_exhausted' : 'source_unstable', cause);
      }
    }
    const delayMs = retryDelayMs(this.#attemptsInARow++, settings.recovery.retryDelayMs);
    this.#cancelRetry = clock.after(delayMs, () => this.open());
  }

  /** Ends whatever is open or being opened. Resolves when every source has been told. */
  async close(reason: CloseReason): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#cancelRetry?.();
      this.#opening?.abort(new SourceError('refused', 'other', `${this.#options.key} is no longer wanted`));
      if (this.#source !== undefined) this.#closeSource(this.#source, reason);
      this.#source = undefined;
    }
    await Promise.all([...this.#openings, ...this.#closings]);
    await Promise.all(this.#closings);
  }
}
