import type { Clock, CloseReason, OpenSource, ProxySettings, RecoveryStats, SessionEndReason } from './contract.ts';
import type { Announce } from './lifecycle.ts';
import { ReadAhead, type Readers } from './read-ahead.ts';
import { type Outage, Recovery } from './recovery.ts';
import { RecoveryLog } from './recovery-log.ts';
import type { SourceEnd } from './source-pump.ts';
import { SourceSupply } from './source-supply.ts';
import type { Splice } from './splice.ts';
import type { StreamBuffer } from './stream-buffer.ts';

export interface IntakeEvents {
  /** The source in use delivers; so many bytes of it are new in the buffer. */
  delivered(bytes: number, source: string, nowMs: number): void;
  /** The source in use has ended or fallen silent; another one is on its way. */
  interrupted(nowMs: number): void;
  /** No source will come any more. */
  exhausted(reason: SessionEndReason, cause: unknown): void;
}

export interface IntakeOptions {
  readonly key: string;
  readonly open: OpenSource;
  readonly settings: ProxySettings;
  readonly clock: Clock;
  readonly announce: Announce;
  readonly buffer: StreamBuffer;
  readonly readers: Readers & { withoutMediaMs(nowMs: number): number };
  /** What the ring may take now. */
  readonly ringLimitBytes: () => number;
}

/**
 * How a session's packets get into its buffer: from one source after the other ({@link SourceSupply}), joined where they
 * change ({@link Recovery}), no further ahead than they can be kept ({@link ReadAhead}).
 */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #events: IntakeEvents;
  readonly #supply: SourceSupply;
  readonly #recovery: Recovery;
  readonly #ahead: ReadAhead;
  readonly recoveries: RecoveryLog = new RecoveryLog();
  /** Media time at which the source in use took over. */
  #sourceFromMs = 0;
  #lastAppendMs: number | undefined;
  bytesIn = 0;

  constructor(options: IntakeOptions, events: IntakeEvents) {
    const { key, buffer, settings, announce } = options;
    this.#options = options;
    this.#events = events;
    this.#recovery = new Recovery(buffer, settings);
    this.#ahead = new ReadAhead(options);
    this.#supply = new SourceSupply(options, {
      packets: (run) => this.#take(run),
      offered: (run) => this.#offer(run),
      troubled: (end) => this.#troubled(end),
      calmed: () => this.#calmed(),
      withdrawn: (end) => this.#withdrawn(end),
      exhausted: (reason, cause) => events.exhausted(reason, cause),
      closeFailed: (source, error) => announce('closeFailed', { key, source, error }),
    });
  }

  /** Where the packets come from. */
  get supply(): Pick<SourceSupply, 'sourceId' | 'sourcesTried' | 'paused' | 'resyncs' | 'droppedBytes'> {
    return this.#supply;
  }

  /** Opens the first source. */
  start(): void {
    this.#supply.start();
  }

  /** Goes over to another source; false when none is in use, or it is in trouble. */
  move(): boolean {
    return this.#supply.move();
  }

  /** Ends whatever is open or being opened. Resolves when every source has been told. */
  close(reason: CloseReason): Promise<void> {
    return this.#supply.close(reason);
  }

  /** A client came, took bytes, or left. */
  resumeReading(): void {
    if (!this.#supply.paused || this.#ahead.isFar) return;
    this.#ahead.goOn();
    this.#supply.resume();
  }

  // ── packets ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Packets of the source in use. */
  #take(run: Uint8Array): void {
    const { clock, buffer, readers } = this.#options;
    this.bytesIn += run.length;
    const nowMs = clock.now();
    const headBefore = buffer.ring.head;
    if (this.#lastAppendMs === undefined) this.#ahead.start(nowMs);
    this.#recovery.append(run, nowMs);
    this.#appended(headBefore, nowMs);
    if (this.#ahead.isSpent(nowMs) && readers.clientCount > 0) this.#supply.replaceSlow();
  }

  /** Packets of a source that may follow the one in use. */
  #offer(run: Uint8Array): void {
    const { clock, buffer } = this.#options;
    this.bytesIn += run.length;
    const nowMs = clock.now();
    const { outage } = this.#recovery;
    const splice = this.#recovery.offer(run, nowMs);
    if (outage === undefined || splice === undefined) return;
    const headBefore = buffer.ring.head;
    this.#countFailures(outage, splice);
    this.#supply.adopt();
    this.#sourceFromMs = buffer.index.timeline.headMs;
    this.#ahead.start(nowMs);
    this.#remember(outage, splice, nowMs);
    this.#recovery.join(splice, nowMs);
    this.#appended(headBefore, nowMs);
  }

  #appended(headBefore: number, nowMs: number): void {
    const bytes = this.#options.buffer.ring.head - headBefore;
    if (bytes > 0) this.#lastAppendMs = nowMs;
    this.#events.delivered(bytes, this.#supply.sourceId ?? '', nowMs);
    if (bytes > 0 && this.#ahead.isFar) this.#supply.pause();
  }

  // ── trouble ────────────────────────────────────────────────────────────────────────────────────────────────────

  #troubled(end: SourceEnd & { readonly id: string }): void {
    const { clock, buffer } = this.#options;
    const nowMs = clock.now();
    const deliveredMs = this.#recovery.outage?.deliveredMs ?? buffer.index.timeline.headMs - this.#sourceFromMs;
    if (end.reason !== 'stalled' && end.reason !== 'moved' && this.#isTooLittle(deliveredMs))
      this.#supply.countFailure(end.reason);
    this.#tellSourceEnd({ ...end, opened: true }, deliveredMs);
    this.#recovery.begin({ sinceMs: nowMs, from: end.id, end, deliveredMs });
    this.#events.interrupted(nowMs);
  }

  /** The source in use goes on after all. */
  #calmed(): void {
    this.#recovery.cancel();
    this.#ahead.goOn();
  }

  #withdrawn(end: SourceEnd & { readonly id: string; readonly opened: boolean }): void {
    this.#tellSourceEnd(end, 0);
    // One that could not be opened costs an attempt only: an engine may still be starting.
    if (end.opened) this.#supply.countFailure(end.reason);
    this.#recovery.restart();
  }

  #isTooLittle(deliveredMs: number): boolean {
    return deliveredMs < this.#options.settings.recovery.minDeliveredMs;
  }

  /** A source that ended was counted when it did; a silent one only now that it is really replaced. */
  #countFailures({ end, deliveredMs }: Outage, { kind }: Splice): void {
    if (end.reason === 'moved') return;
    const isSilentFailure = end.reason === 'stalled' && this.#isTooLittle(deliveredMs);
    if (kind !== 'exact' || isSilentFailure) this.#supply.countFailure(end.reason);
  }

  #tellSourceEnd(end: SourceEnd & { readonly id: string; readonly opened: boolean }, deliveredMs: number): void {
    const { announce, key } = this.#options;
    const { id, opened, reason, error } = end;
    announce('sourceEnd', { key, source: id, opened, reason, deliveredMs, error });
  }

  #remember(outage: Outage, { kind, droppedBytes, skippedMs }: Splice, nowMs: number): void {
    const { key, clock, announce, buffer, readers } = this.#options;
    const { bitsPerSecond } = buffer.index.timeline;
    const recovery: RecoveryStats = Object.freeze({
      at: clock.wallNow() - (nowMs - outage.sinceMs),
      from: outage.from,
      to: this.#supply.sourceId ?? '',
      reason: outage.end.reason,
      splice: kind,
      gapMs: nowMs - (this.#lastAppendMs ?? nowMs),
      clientGapMs: readers.withoutMediaMs(nowMs),
      droppedBytes,
      skippedBytes: skippedMs === undefined ? undefined : Math.round((skippedMs * bitsPerSecond) / 8000),
    });
    this.recoveries.add(recovery);
    announce('spliced', { key, ...recovery });
  }
}
