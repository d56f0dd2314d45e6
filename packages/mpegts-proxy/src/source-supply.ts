import type {
  Clock,
  CloseReason,
  FailedSource,
  OpenContext,
  OpenSource,
  ProxySettings,
  SourceEndReason,
} from './contract.ts';
import { SourceError } from './errors.ts';
import { Feed } from './feed.ts';
import { RecoveryBudget, type Verdict } from './recovery-budget.ts';
import type { SourceEnd } from './source-pump.ts';

/** Failed sources an opener is told of. */
const REMEMBERED_FAILURES = 20;

export interface SupplyEvents {
  /** Packets of the source in use. */
  packets(run: Uint8Array): void;
  /** Packets of a source that may follow; {@link SourceSupply.adopt} puts it in use. */
  offered(run: Uint8Array): void;
  /** The source in use has ended, or has fallen silent but is still open; another one is being opened. */
  troubled(end: SourceEnd & { readonly id: string }): void;
  /** The silent source delivers again, or the slow one cannot be replaced: nothing follows it. */
  calmed(): void;
  /** A candidate has failed, `opened` or not; another one may come. */
  withdrawn(end: SourceEnd & { readonly id: string; readonly opened: boolean }): void;
  /** No source will come any more. */
  exhausted(reason: Verdict, cause: unknown): void;
  closeFailed(source: string, error: unknown): void;
}

export interface SupplyOptions {
  readonly key: string;
  readonly open: OpenSource;
  readonly settings: ProxySettings;
  readonly clock: Clock;
}

/**
 * Where a session's packets come from: one source after the other. The first that delivers is in use at once. When the
 * one in use ends or falls silent, candidates are opened until one is adopted or the budget is spent; a silent source
 * stays open meanwhile, for it may come back first. It knows nothing of clients or of what the packets mean.
 */
export class SourceSupply {
  readonly #options: SupplyOptions;
  readonly #events: SupplyEvents;
  readonly #budget: RecoveryBudget;
  readonly #failed: FailedSource[] = [];
  readonly #candidates = new Set<Feed>();
  readonly #closings = new Set<Promise<void>>();
  #current: Feed | undefined;
  #cancelRetry: (() => void) | undefined;
  #cancelHedge: (() => void) | undefined;
  #closed = false;
  #everDelivered = false;
  /** The source in use is fine, and is to be left all the same. */
  #isMoving = false;
  #endedResyncs = 0;
  #endedDroppedBytes = 0;
  sourcesTried = 0;

  constructor(options: SupplyOptions, events: SupplyEvents) {
    this.#options = options;
    this.#events = events;
    this.#budget = new RecoveryBudget(options.settings.recovery);
  }

  /** The source in use. */
  get sourceId(): string | undefined {
    return this.#current?.id;
  }

  get paused(): boolean {
    return this.#current?.paused ?? false;
  }

  get resyncs(): number {
    return this.#endedResyncs + (this.#current?.resyncs ?? 0);
  }

  /** Bytes that were not part of a packet. */
  get droppedBytes(): number {
    return this.#endedDroppedBytes + (this.#current?.droppedBytes ?? 0);
  }

  pause(): void {
    this.#current?.pause();
  }

  resume(): void {
    this.#current?.resume();
  }

  /** Opens the first source. */
  start(): void {
    this.#open(false);
    const { hedgeMs } = this.#options.settings.recovery;
    if (hedgeMs === 0) return;
    this.#cancelHedge = this.#options.clock.after(hedgeMs, () => {
      if (!this.#everDelivered && this.#candidates.size === 1) this.#open(true);
    });
  }

  #open(hedge: boolean): void {
    const { clock, settings, key, open } = this.#options;
    if (!hedge) this.#budget.addAttempt(clock.now());
    const feed: Feed = new Feed(
      open,
      {
        key,
        defaultId: `source-${++this.sourcesTried}`,
        failed: [...this.#failed],
        beside: this.#besideCurrent(),
        hedge,
        moving: this.#isMoving,
        clock,
        firstByteMs: settings.limits.firstByteMs,
        firstByteCapMs: settings.limits.firstByteCapMs,
        stallMs: settings.recovery.stallMs,
        closeFailed: this.#events.closeFailed,
      },
      {
        packets: (from, run) => this.#packets(from, run),
        stalled: (from) => this.#stalled(from),
        ended: (from, end) => this.#ended(from, end),
      },
    );
    this.#candidates.add(feed);
  }

  /** The silent source that is still open: the same engine may serve only one session, then it has to go first. */
  #besideCurrent(): OpenContext['beside'] {
    const current = this.#current;
    if (current === undefined) return undefined;
    return {
      id: current.id,
      release: () => {
        if (this.#current === current) this.#retire(current);
        return this.#close(current, 'stalled');
      },
    };
  }

  #packets(feed: Feed, run: Uint8Array): void {
    if (feed === this.#current) {
      if (feed.isStalled) this.#calm(feed);
      return this.#events.packets(run);
    }
    if (this.#everDelivered) return this.#events.offered(run);
    this.#everDelivered = true;
    this.#put(feed);
    this.#events.packets(run);
  }

  #calm(feed: Feed): void {
    feed.isStalled = false;
    this.#keepCurrent();
  }

  #keepCurrent(): void {
    this.#dismissCandidates();
    this.#settled();
    this.#events.calmed();
  }

  /** Puts the source that offers packets in use; the one that was, and any other candidate, is closed. */
  adopt(): void {
    const [candidate] = this.#candidates;
    if (candidate === undefined) return;
    const former = this.#current;
    if (former !== undefined) {
      if (!this.#isMoving) this.#remember(former, 'stalled');
      this.#retire(former);
      this.#close(former, this.#isMoving ? 'moved' : 'stalled');
    }
    this.#put(candidate);
  }

  #put(feed: Feed): void {
    this.#candidates.delete(feed);
    this.#dismissCandidates();
    this.#current = feed;
    this.#settled();
  }

  #settled(): void {
    this.#isMoving = false;
    this.#cancelRetry?.();
    this.#cancelHedge?.();
    this.#budget.settled();
  }

  #dismissCandidates(): void {
    for (const feed of this.#candidates) this.#close(feed, 'superseded');
    this.#candidates.clear();
  }

  /** Opens another source beside the one in use, which delivers too slowly. */
  replaceSlow(): void {
    const current = this.#current;
    if (current !== undefined && !current.isStalled && this.#candidates.size === 0) this.#trouble(current, 'stalled');
  }

  /** Opens another source beside the one in use, and leaves that for it; false when there is none, or it is in trouble. */
  move(): boolean {
    const current = this.#current;
    if (current === undefined || current.isStalled || this.#candidates.size > 0) return false;
    this.#isMoving = true;
    this.#trouble(current, 'moved');
    return true;
  }

  #stalled(feed: Feed): void {
    if (feed === this.#current) {
      this.#isMoving = false;
      this.#trouble(feed, 'stalled');
    }
    // One that goes silent before it was adopted is no help.
    else this.#ended(feed, { reason: 'stalled', error: undefined });
  }

  #trouble(feed: Feed, reason: 'stalled' | 'moved'): void {
    this.#budget.troubled(this.#options.clock.now());
    this.#events.troubled({ reason, error: undefined, id: feed.id });
    if (this.#closed || this.#candidates.size > 0) return;
    const message = reason === 'moved' ? `${feed.id} is to be left` : `${feed.id} fell silent`;
    this.#retry(new SourceError(reason, reason === 'moved' ? 'other' : 'timeout', message));
  }

  #ended(feed: Feed, end: SourceEnd): void {
    if (this.#closed) return;
    const wasCurrent = feed === this.#current;
    this.#remember(feed, end.reason);
    if (wasCurrent) {
      this.#isMoving = false;
      this.#retire(feed);
      this.#budget.troubled(this.#options.clock.now());
      this.#events.troubled({ ...end, id: feed.id });
    } else {
      this.#candidates.delete(feed);
      this.#events.withdrawn({ ...end, id: feed.id, opened: feed.wasOpened });
    }
    this.#close(feed, end.reason);
    if (this.#closed || this.#candidates.size > 0) return;
    this.#retry(end.error ?? new SourceError(end.reason, 'other', `${feed.id} ended: ${end.reason}`));
  }

  #remember(feed: Feed, reason: SourceEndReason): void {
    this.#failed.push({ id: feed.id, reason });
    if (this.#failed.length > REMEMBERED_FAILURES) this.#failed.shift();
  }

  #retire(feed: Feed): void {
    this.#endedResyncs += feed.resyncs;
    this.#endedDroppedBytes += feed.droppedBytes;
    this.#current = undefined;
  }

  /** Not waited for where a successor is due: a hung source must not hold it up. */
  #close(feed: Feed, reason: CloseReason): Promise<void> {
    const closing = feed.close(reason).finally(() => this.#closings.delete(closing));
    this.#closings.add(closing);
    return closing;
  }

  /** The stream could not be continued exactly, or its source delivered too little: counts against the budget. */
  countFailure(kind: SourceEndReason): void {
    this.#budget.addFailure(kind, this.#options.clock.now());
  }

  #retry(cause: unknown): void {
    const { clock } = this.#options;
    const verdict = this.#budget.verdict(cause, this.#everDelivered ? undefined : this.sourcesTried, clock.now());
    if (verdict !== undefined) {
      // What is in use still delivers, only slowly: better than nothing.
      const isFlowing = this.#current !== undefined && !this.#current.isStalled;
      return isFlowing ? this.#keepCurrent() : this.#events.exhausted(verdict, cause);
    }
    this.#cancelRetry?.();
    this.#cancelRetry = clock.after(this.#budget.takeDelayMs(), () => this.#open(false));
  }

  /** Ends whatever is open or being opened. Resolves when every source has been told. */
  async close(reason: CloseReason): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      this.#cancelRetry?.();
      this.#cancelHedge?.();
      for (const feed of [...this.#candidates, ...(this.#current ? [this.#current] : [])]) this.#close(feed, reason);
      this.#candidates.clear();
      this.#current = undefined;
    }
    await Promise.all(this.#closings);
  }
}
