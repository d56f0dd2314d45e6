import { Audience, type JoinRequest } from './audience.ts';
import type { Client } from './client.ts';
import type {
  Clock,
  CloseReason,
  OpenSource,
  ProxySettings,
  RecoveryStats,
  SessionEndReason,
  SessionStats,
  SpliceKind,
} from './contract.ts';
import { MpegTsProxyError } from './errors.ts';
import type { Announce } from './lifecycle.ts';
import { Linger } from './linger.ts';
import { MediaLead } from './media-lead.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { type Outage, Recovery } from './recovery.ts';
import { RecoveryLog } from './recovery-log.ts';
import { type SessionEvent, type State, stateName, transition } from './session-state.ts';
import type { SourceEnd } from './source-pump.ts';
import { SourceSupply } from './source-supply.ts';
import type { Splice } from './splice.ts';
import { StreamBuffer } from './stream-buffer.ts';

export interface SessionOptions {
  readonly key: string;
  readonly open: OpenSource;
  readonly settings: ProxySettings;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly announce: Announce;
  readonly sessionCount: () => number;
  /** Called once, when no client can join any more. */
  readonly closed: (session: Session) => void;
}

/**
 * One stream: its packets come from the {@link SourceSupply}, go through the {@link Recovery} where a new source has to
 * be joined, end up in the {@link StreamBuffer}, and are served to the {@link Audience} from there.
 */
export class Session {
  readonly key: string;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #settings: ProxySettings;
  readonly #supply: SourceSupply;
  readonly #buffer: StreamBuffer;
  readonly #recovery: Recovery;
  readonly #audience: Audience;
  readonly #lead: MediaLead;
  readonly #recoveries = new RecoveryLog();
  readonly #linger: Linger;
  readonly #startedMs: number;
  readonly #startedAt: number;
  #state: State;
  /** Media time at which the source in use took over. */
  #sourceFromMs = 0;
  #everDelivered = false;
  #lastAppendMs = 0;
  #bytesIn = 0;
  #closing: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    const { key, settings, budget, clock, announce } = options;
    this.key = key;
    this.#options = options;
    this.#clock = clock;
    this.#settings = settings;
    this.#startedMs = clock.now();
    this.#startedAt = clock.wallNow();
    this.#state = { name: 'opening', sinceMs: this.#startedMs };
    this.#buffer = new StreamBuffer({
      limitBytes: () => this.#ringLimitBytes,
      maxDurationMs: settings.ring.maxDurationMs,
      programNumber: settings.programNumber,
      allocated: (delta) => budget.addRingBytes(delta),
    });
    this.#recovery = new Recovery(this.#buffer, settings);
    this.#lead = new MediaLead(settings.recovery.minLeadMs);
    this.#audience = new Audience({
      ...options,
      buffer: this.#buffer,
      progressed: () => this.#resumeReading(),
      emptied: () => this.#emptied(),
    });
    this.#linger = new Linger({
      clock,
      ms: settings.linger.ms,
      isUsed: () => this.clientCount > 0,
      over: () => this.close('idle'),
    });
    this.#supply = new SourceSupply(options, {
      packets: (run) => this.#take(run),
      offered: (run) => this.#offer(run),
      troubled: (end) => this.#troubled(end),
      calmed: () => this.#calmed(),
      withdrawn: (end) => this.#withdrawn(end),
      exhausted: (reason, cause) => this.#exhausted(reason, cause),
      closeFailed: (source, error) => announce('closeFailed', { key, source, error }),
    });
    announce('sessionStart', { key });
    this.#supply.start();
  }

  /** Since when nobody is here; undefined while somebody is. */
  get lingerSinceMs(): number | undefined {
    return this.#linger.sinceMs;
  }

  /** Clients, those who wait to become one included. */
  get clientCount(): number {
    return this.#audience.size;
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    return this.#audience.bytesOut;
  }

  get skips(): number {
    return this.#audience.skips;
  }

  /** Recoveries so far, by how the new source was joined. */
  get splices(): Readonly<Record<SpliceKind, number>> {
    return this.#recoveries.counts;
  }

  get continuityErrors(): number {
    return this.#buffer.index.health.continuityErrors;
  }

  /** Resolves with a client as soon as there is something for it to start from. */
  join(request: JoinRequest): Promise<Client> {
    this.#linger.end();
    return this.#audience.join(request);
  }

  #emptied(): void {
    if (this.#state.name === 'closed') return;
    // Nothing to keep: no source has delivered, or the one that did is in trouble.
    if (this.#state.name !== 'live') return void this.close('idle');
    this.#linger.begin();
  }

  // ── packets ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Packets of the source in use. */
  #take(run: Uint8Array): void {
    this.#bytesIn += run.length;
    const nowMs = this.#clock.now();
    const headBefore = this.#buffer.ring.head;
    this.#recovery.append(run, nowMs);
    this.#appended(headBefore, nowMs);
    const isSpent = this.#lead.isSpent(this.#buffer.index.timeline.headMs, nowMs);
    if (isSpent && this.#audience.clientCount > 0) this.#supply.replaceSlow();
  }

  /** Packets of a source that may follow the one in use. */
  #offer(run: Uint8Array): void {
    this.#bytesIn += run.length;
    const nowMs = this.#clock.now();
    const { outage } = this.#recovery;
    const splice = this.#recovery.offer(run, nowMs);
    if (outage === undefined || splice === undefined) return;
    const headBefore = this.#buffer.ring.head;
    this.#countFailures(outage, splice);
    this.#supply.adopt();
    this.#sourceFromMs = this.#buffer.index.timeline.headMs;
    this.#lead.restart(this.#sourceFromMs, nowMs);
    this.#remember(outage, splice, nowMs);
    this.#recovery.join(splice, nowMs);
    this.#appended(headBefore, nowMs);
  }

  #appended(headBefore: number, nowMs: number): void {
    const source = this.#supply.sourceId ?? '';
    this.#apply({ type: 'delivering', source }, nowMs);
    const bytes = this.#buffer.ring.head - headBefore;
    if (bytes === 0) return;
    this.#lastAppendMs = nowMs;
    if (!this.#everDelivered) {
      this.#everDelivered = true;
      this.#lead.restart(0, nowMs);
      this.#options.announce('sessionLive', { key: this.key, source, firstByteMs: nowMs - this.#startedMs });
    }
    this.#audience.serve(bytes);
    if (this.#isAhead()) this.#supply.pause();
  }

  #apply(event: SessionEvent, nowMs: number): void {
    this.#state = transition(this.#state, event, nowMs);
  }

  // ── reading ahead ──────────────────────────────────────────────────────────────────────────────────────────────

  get #ringLimitBytes(): number {
    return this.#options.budget.ringLimit(this.#settings.ring.maxBytes, this.#options.sessionCount());
  }

  /** Cuts the ring back to what it may take now. */
  trim(): void {
    this.#buffer.trim();
  }

  /** Whether more is ahead of the leading client than a ring should be asked to hold. Slow clients do not count. */
  #isAhead(): boolean {
    if (this.#audience.clientCount === 0) return false;
    const { ring, index } = this.#buffer;
    const byTime = index.timeline.offsetAt(index.timeline.headMs - this.#settings.ring.maxAheadMs) ?? ring.tail;
    return !this.#audience.hasReached(Math.max(ring.head - this.#ringLimitBytes / 2, byTime));
  }

  /** Media between the leading client and the head. */
  #leadingLagMs(): number {
    const { leadingOffset } = this.#audience;
    return this.#buffer.ring.head > leadingOffset ? this.#buffer.lagMs(leadingOffset) : 0;
  }

  /** What a source has to keep up is counted anew, from what the leading client has in store. */
  #restartLead(): void {
    this.#lead.restart(this.#buffer.index.timeline.headMs, this.#clock.now(), this.#leadingLagMs());
  }

  #resumeReading(): void {
    if (!this.#supply.paused || this.#isAhead()) return;
    this.#restartLead();
    this.#supply.resume();
  }

  /** Goes over to another source while the one in use delivers; false when none does. */
  move(): boolean {
    return this.#state.name === 'live' && this.clientCount > 0 && this.#supply.move();
  }

  // ── trouble ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The source in use has ended or fallen silent; another one is on its way. */
  #troubled(end: SourceEnd & { readonly id: string }): void {
    const nowMs = this.#clock.now();
    const headMs = this.#buffer.index.timeline.headMs;
    const deliveredMs = this.#recovery.outage?.deliveredMs ?? headMs - this.#sourceFromMs;
    if (end.reason !== 'stalled' && end.reason !== 'moved' && this.#isTooLittle(deliveredMs))
      this.#supply.countFailure(end.reason);
    this.#tellSourceEnd(end, deliveredMs);
    if (this.clientCount === 0) return void this.close('idle');
    this.#apply({ type: 'source-ended' }, nowMs);
    this.#recovery.begin({ sinceMs: nowMs, from: end.id, end, deliveredMs });
  }

  /** The source in use goes on after all. */
  #calmed(): void {
    this.#recovery.cancel();
    this.#restartLead();
  }

  #withdrawn(end: SourceEnd & { readonly id: string; readonly opened: boolean }): void {
    this.#tellSourceEnd(end, 0);
    // One that could not be opened costs an attempt only: an engine may still be starting.
    if (end.opened) this.#supply.countFailure(end.reason);
    this.#recovery.restart();
  }

  #isTooLittle(deliveredMs: number): boolean {
    return deliveredMs < this.#settings.recovery.minDeliveredMs;
  }

  /** A source that ended was counted when it did; a silent one only now that it is really replaced. */
  #countFailures({ end, deliveredMs }: Outage, { kind }: Splice): void {
    if (end.reason === 'moved') return;
    const isSilentFailure = end.reason === 'stalled' && this.#isTooLittle(deliveredMs);
    if (kind !== 'exact' || isSilentFailure) this.#supply.countFailure(end.reason);
  }

  #tellSourceEnd({ id, reason, error }: SourceEnd & { readonly id: string }, deliveredMs: number): void {
    this.#options.announce('sourceEnd', { key: this.key, source: id, reason, deliveredMs, error });
  }

  #remember(outage: Outage, { kind, droppedBytes, skippedMs }: Splice, nowMs: number): void {
    const { bitsPerSecond } = this.#buffer.index.timeline;
    const recovery: RecoveryStats = Object.freeze({
      at: this.#clock.wallNow() - (nowMs - outage.sinceMs),
      from: outage.from,
      to: this.#supply.sourceId ?? '',
      reason: outage.end.reason,
      splice: kind,
      gapMs: nowMs - this.#lastAppendMs,
      clientGapMs: this.#audience.withoutMediaMs(nowMs),
      droppedBytes,
      skippedBytes: skippedMs === undefined ? undefined : Math.round((skippedMs * bitsPerSecond) / 8000),
    });
    this.#recoveries.add(recovery);
    this.#options.announce('spliced', { key: this.key, ...recovery });
  }

  // ── the end ────────────────────────────────────────────────────────────────────────────────────────────────────

  #exhausted(reason: SessionEndReason, cause: unknown): void {
    if (reason !== 'open_failed') return void this.#end(reason, this.#ended(reason, cause));
    const retryable = !(cause instanceof Error && 'retryable' in cause && cause.retryable === false);
    const message = `No source of ${this.key} could be opened`;
    this.#end(reason, new MpegTsProxyError('open_failed', message, { cause, retryable }));
  }

  #ended(reason: SessionEndReason, cause?: unknown): MpegTsProxyError {
    return new MpegTsProxyError('session_ended', `The stream ${this.key} ended: ${reason}`, { cause });
  }

  /** Ends the session for everyone. Resolves when its sources have been told; the same promise every time. */
  close(reason: SessionEndReason): Promise<void> {
    return this.#closing ?? this.#end(reason, this.#ended(reason));
  }

  #end(reason: SessionEndReason, error: MpegTsProxyError): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    const nowMs = this.#clock.now();
    this.#apply({ type: 'close', reason }, nowMs);
    const closeReason: CloseReason = reason === 'shutdown' ? 'shutdown' : 'unused';
    this.#closing = this.#supply.close(closeReason);
    this.#linger.close();
    this.#audience.dismiss(reason, error);
    this.#buffer.clear();
    this.#options.closed(this);
    const { bytesIn, bytesOut } = this;
    const durationMs = nowMs - this.#startedMs;
    this.#options.announce('sessionEnd', { key: this.key, reason, durationMs, bytesIn, bytesOut });
    return this.#closing;
  }

  stats(): SessionStats {
    const { ring, index } = this.#buffer;
    return Object.freeze({
      key: this.key,
      state: stateName(this.#state),
      startedAt: this.#startedAt,
      source: this.#supply.sourceId,
      sourcesTried: this.#supply.sourcesTried,
      lingering: this.#linger.sinceMs !== undefined,
      clients: this.#audience.stats(),
      bytesIn: this.#bytesIn,
      bytesOut: this.bytesOut,
      bitsPerSecond: Math.round(index.timeline.bitsPerSecond),
      ring: Object.freeze({
        bytes: ring.head - ring.tail,
        durationMs: this.#buffer.lagMs(ring.tail),
        keyframes: index.keyframeCount,
      }),
      sourcePaused: this.#supply.paused,
      resyncs: this.#supply.resyncs,
      droppedBytes: this.#supply.droppedBytes,
      program: index.program,
      health: index.health.stats(),
      recoveries: this.#recoveries.list(),
    });
  }
}
