import { Client, type ClientHost } from './client.ts';
import type {
  ClientResult,
  Clock,
  CloseReason,
  OpenSource,
  ProxySettings,
  RecoveryStats,
  SessionEndReason,
  SessionStats,
} from './contract.ts';
import { Cursor } from './cursor.ts';
import { DiscontinuityMarker } from './discontinuity-marker.ts';
import { MpegTsProxyError } from './errors.ts';
import { Flusher } from './flusher.ts';
import type { Announce } from './lifecycle.ts';
import { MediaLead } from './media-lead.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { type State, stateName, transition } from './session-state.ts';
import type { SourceEnd } from './source-pump.ts';
import { SourceSupply } from './source-supply.ts';
import { type Splice, Splicer } from './splice.ts';
import { StreamBuffer } from './stream-buffer.ts';

/** Recoveries that statistics remember. */
const REMEMBERED_RECOVERIES = 20;
/** Never tends its clients more often than this. */
const MIN_TEND_MS = 100;

const CLOSE_REASONS: Readonly<Partial<Record<SessionEndReason, CloseReason>>> = { shutdown: 'shutdown' };

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

export interface JoinOptions {
  readonly clientId: string;
  readonly label: string | undefined;
  readonly behindMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Waiter {
  readonly options: JoinOptions;
  readonly sinceMs: number;
  readonly admit: (client: Client) => void;
  readonly refuse: (error: unknown) => void;
}

/** What is known about the recovery that is under way. */
interface Outage {
  readonly sinceMs: number;
  readonly from: string;
  /** Why the source had to be replaced; a silent one may still end by itself. */
  end: SourceEnd;
  /** Media the replaced source had delivered. */
  readonly deliveredMs: number;
  /** Joins the source that offers packets; one for each that does. */
  splicer: Splicer | undefined;
  /** When that source sent its first packet. */
  firstPacketMs: number | undefined;
}

/**
 * One stream: its packets come from the {@link SourceSupply}, go through a splice where a new source has to be joined,
 * and end up in the {@link StreamBuffer}, from which the clients are served.
 */
export class Session implements ClientHost {
  readonly key: string;
  readonly clock: Clock;
  readonly settings: ProxySettings;
  readonly #options: SessionOptions;
  readonly #supply: SourceSupply;
  readonly #buffer: StreamBuffer;
  readonly #flusher: Flusher;
  readonly #clients = new Set<Client>();
  readonly #waiters = new Set<Waiter>();
  readonly #recoveries: RecoveryStats[] = [];
  readonly #startedMs: number;
  readonly #startedAt: number;
  #state: State;
  #outage: Outage | undefined;
  #marker: DiscontinuityMarker | undefined;
  #firstPacketMs: number | undefined;
  readonly #lead: MediaLead;
  /** Media time at which the current source took over. */
  #sourceFromMs = 0;
  #bytesIn = 0;
  #bytesOutEnded = 0;
  #skipsEnded = 0;
  #recoveryCount = 0;
  #sluggish = 0;
  #lingerSinceMs: number | undefined;
  #cancelLinger: (() => void) | undefined;
  #cancelTend: (() => void) | undefined;
  #cancelSettle: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.key = options.key;
    this.clock = options.clock;
    this.settings = options.settings;
    this.#startedMs = this.clock.now();
    this.#startedAt = this.clock.wallNow();
    this.#state = { name: 'opening', sinceMs: this.#startedMs };
    const { settings, budget } = options;
    this.#buffer = new StreamBuffer({
      limitBytes: () => budget.ringLimit(settings.ring.maxBytes, options.sessionCount()),
      maxDurationMs: settings.ring.maxDurationMs,
      programNumber: settings.programNumber,
      allocated: (delta) => budget.addRingBytes(delta),
    });
    this.#lead = new MediaLead(settings.recovery.minLeadMs);
    this.#flusher = new Flusher(this.clock, settings.batch);
    this.#supply = new SourceSupply(options, {
      packets: (run) => this.#take(run),
      offered: (run) => this.#offer(run),
      troubled: (end) => this.#troubled(end),
      calmed: () => this.#calmed(),
      withdrawn: (end) => this.#withdrawn(end),
      exhausted: (reason, cause) => this.#exhausted(reason, cause),
      closeFailed: (source, error) => options.announce('closeFailed', { key: this.key, source, error }),
    });
    options.announce('sessionStart', { key: this.key });
    this.#supply.start();
  }

  // ── clients ────────────────────────────────────────────────────────────────────────────────────────────────────

  get closed(): boolean {
    return this.#state.name === 'closed';
  }

  get flushing(): boolean {
    return this.#flusher.active;
  }

  /** Since when nobody is here; undefined while somebody is. */
  get lingerSinceMs(): number | undefined {
    return this.#lingerSinceMs;
  }

  get clientCount(): number {
    return this.#clients.size + this.#waiters.size;
  }

  get bytesIn(): number {
    return this.#bytesIn;
  }

  get bytesOut(): number {
    let bytes = this.#bytesOutEnded;
    for (const client of this.#clients) bytes += client.bytesSent;
    return bytes;
  }

  get skips(): number {
    let skips = this.#skipsEnded;
    for (const client of this.#clients) skips += client.skips;
    return skips;
  }

  get recoveryCount(): number {
    return this.#recoveryCount;
  }

  /** Resolves with a client as soon as there is something for it to start from. */
  join(options: JoinOptions): Promise<Client> {
    this.#stayAwake();
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.refuse(options.signal?.reason);
      const done = (): void => {
        options.signal?.removeEventListener('abort', abort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        options,
        sinceMs: this.clock.now(),
        admit: (client) => {
          done();
          resolve(client);
        },
        refuse: (error) => {
          done();
          reject(error);
          this.#someoneLeft();
        },
      };
      this.#waiters.add(waiter);
      if (options.signal?.aborted) return abort();
      options.signal?.addEventListener('abort', abort, { once: true });
      this.#admitWaiters();
    });
  }

  /** Lets in whoever waits, if there is a place to start from. */
  #admitWaiters(): void {
    if (this.#waiters.size === 0 || this.#firstPacketMs === undefined) return;
    const settle = this.clock.now() - this.#firstPacketMs >= this.settings.join.maxKeyframeWaitMs;
    for (const waiter of [...this.#waiters]) {
      const start = this.#buffer.startPoint(waiter.options.behindMs, { settle });
      if (start === undefined) return this.#settleLater();
      const client = new Client(this, new Cursor(this.#buffer, start), {
        id: waiter.options.clientId,
        label: waiter.options.label,
      });
      this.#attach(client, waiter);
    }
  }

  #attach(client: Client, waiter: Waiter): void {
    this.#clients.add(client);
    this.#flusher.add(client);
    this.#tendLater(this.settings.client.keepAliveMs);
    waiter.options.signal?.addEventListener('abort', () => client.end('left'), { once: true });
    waiter.admit(client);
    this.#options.announce('clientStart', {
      key: this.key,
      client: client.id,
      label: client.label,
      joinMs: this.clock.now() - waiter.sinceMs,
    });
    this.progressed();
  }

  /** A stream that shows no keyframe is joined without one after a while. */
  #settleLater(): void {
    if (this.#cancelSettle !== undefined || this.#firstPacketMs === undefined) return;
    const due = this.#firstPacketMs + this.settings.join.maxKeyframeWaitMs - this.clock.now();
    this.#cancelSettle = this.clock.after(Math.max(due, 0), () => {
      this.#cancelSettle = undefined;
      this.#admitWaiters();
    });
  }

  left(client: Client, result: ClientResult): void {
    this.#clients.delete(client);
    this.#flusher.remove(client);
    this.#bytesOutEnded += result.bytesSent;
    this.#skipsEnded += result.skips;
    this.#options.announce('clientEnd', { key: this.key, client: client.id, label: client.label, ...result });
    this.progressed();
    this.#someoneLeft();
  }

  #someoneLeft(): void {
    if (this.clientCount > 0 || this.closed) return;
    // Nothing to keep: no source has delivered, or the one that did is gone.
    if (this.#state.name !== 'live') return void this.close('idle');
    this.#lingerSinceMs = this.clock.now();
    this.#cancelLinger = this.clock.after(this.settings.linger.ms, () => {
      if (this.clientCount === 0) this.close('idle');
    });
  }

  #stayAwake(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#lingerSinceMs = undefined;
  }

  #tendLater(ms: number): void {
    this.#cancelTend ??= this.clock.after(Math.max(ms, MIN_TEND_MS), () => {
      this.#cancelTend = undefined;
      const nowMs = this.clock.now();
      let next = this.settings.client.keepAliveMs;
      let sluggish = 0;
      for (const client of [...this.#clients]) {
        next = Math.min(next, client.tend(nowMs));
        if (client.isSluggish(nowMs)) sluggish++;
      }
      this.#countSluggish(sluggish);
      if (this.#clients.size > 0) this.#tendLater(next);
    });
  }

  #countSluggish(count: number): void {
    this.#options.budget.addSluggishClients(count - this.#sluggish);
    this.#sluggish = count;
  }

  // ── packets ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Packets of the source in use. */
  #take(run: Uint8Array): void {
    if (this.closed) return;
    this.#bytesIn += run.length;
    const nowMs = this.clock.now();
    const headBefore = this.#buffer.ring.head;
    if (this.#marker !== undefined) this.#appendMarked(run, nowMs);
    else this.#buffer.append(run, nowMs);
    this.#delivering(nowMs);
    this.#appended(this.#buffer.ring.head - headBefore, nowMs);
    if (this.#clients.size > 0 && this.#lead.isSpent(this.#buffer.index.timeline.headMs, nowMs))
      this.#supply.replaceSlow();
  }

  /** Packets of a source that may follow the one in use. */
  #offer(run: Uint8Array): void {
    const outage = this.#outage;
    if (this.closed || outage === undefined) return;
    this.#bytesIn += run.length;
    const nowMs = this.clock.now();
    const { searchMs, searchBytes } = this.settings.recovery;
    outage.splicer ??= new Splicer(this.#buffer, {
      maxSearchBytes: searchBytes,
      programNumber: this.settings.programNumber,
    });
    outage.firstPacketMs ??= nowMs;
    const waitedMs = nowMs - outage.firstPacketMs;
    let splice = outage.splicer.push(run, nowMs);
    if (splice === undefined && waitedMs >= searchMs) {
      splice = outage.splicer.cut(waitedMs >= searchMs + this.settings.join.maxKeyframeWaitMs);
    }
    if (splice !== undefined) this.#join(outage, splice, nowMs);
  }

  /** Puts the offered source in use, its bytes behind the old one's. */
  #join(outage: Outage, splice: Splice, nowMs: number): void {
    const { index, ring } = this.#buffer;
    const headBefore = ring.head;
    this.#outage = undefined;
    this.#countFailures(outage, splice);
    this.#supply.adopt();
    this.#marker = undefined;
    if (splice.kind !== 'exact') {
      this.#marker = new DiscontinuityMarker(index.seenPids());
      index.cut();
      this.#marker.mark(splice.psi, (bytes, inserted) => this.#buffer.insert(bytes, nowMs, { psi: !inserted }));
    }
    this.#sourceFromMs = index.timeline.headMs;
    this.#lead.restart(this.#sourceFromMs, nowMs);
    for (const bytes of splice.runs) {
      if (this.#marker === undefined) this.#buffer.append(bytes, nowMs);
      else this.#appendMarked(bytes, nowMs);
    }
    const recovery: RecoveryStats = Object.freeze({
      at: this.clock.wallNow() - (nowMs - outage.sinceMs),
      from: outage.from,
      to: this.#supply.sourceId ?? '',
      reason: outage.end.reason,
      splice: splice.kind,
      gapMs: nowMs - outage.sinceMs,
      droppedBytes: splice.droppedBytes,
    });
    this.#recoveryCount++;
    this.#recoveries.push(recovery);
    if (this.#recoveries.length > REMEMBERED_RECOVERIES) this.#recoveries.shift();
    this.#delivering(nowMs);
    this.#options.announce('spliced', { key: this.key, ...recovery });
    this.#appended(ring.head - headBefore, nowMs);
  }

  #countFailures(outage: Outage, splice: Splice): void {
    const tooLittle = outage.deliveredMs < this.settings.recovery.minDeliveredMs;
    // A source that ended was counted when it did.
    if (splice.kind !== 'exact' || (tooLittle && outage.end.reason === 'stalled')) {
      this.#supply.countFailure(outage.end.reason);
    }
  }

  #appended(bytes: number, nowMs: number): void {
    if (bytes === 0) return;
    if (this.#firstPacketMs === undefined) {
      this.#firstPacketMs = nowMs;
      this.#lead.restart(0, nowMs);
      const source = this.#supply.sourceId ?? '';
      this.#options.announce('sessionLive', { key: this.key, source, firstByteMs: nowMs - this.#startedMs });
    }
    this.#admitWaiters();
    this.#flusher.wake(bytes);
    this.#pauseIfAhead();
  }

  #delivering(nowMs: number): void {
    if (this.#state.name === 'live') return;
    this.#state = transition(this.#state, { type: 'delivering', source: this.#supply.sourceId ?? '' }, nowMs);
  }

  #appendMarked(run: Uint8Array, nowMs: number): void {
    this.#marker?.mark(run, (bytes, inserted) => {
      if (inserted) this.#buffer.insert(bytes, nowMs, { psi: false });
      else this.#buffer.append(bytes, nowMs);
    });
    if (this.#marker?.done) this.#marker = undefined;
  }

  // ── reading ahead ──────────────────────────────────────────────────────────────────────────────────────────────

  progressed(): void {
    if (!this.#supply.paused || this.#isAhead()) return;
    const { headMs } = this.#buffer.index.timeline;
    this.#lead.restart(headMs, this.clock.now(), this.#leadingLagMs());
    this.#supply.resume();
  }

  /** Media between the leading client and the head. */
  #leadingLagMs(): number {
    const { ring } = this.#buffer;
    let leading = 0;
    for (const client of this.#clients) if (client.offset > leading) leading = client.offset;
    return ring.head > leading ? this.#buffer.lagMs(leading) : 0;
  }

  #pauseIfAhead(): void {
    if (this.#isAhead()) this.#supply.pause();
  }

  /** Whether more is ahead of the leading client than a ring should be asked to hold. Slow clients do not count. */
  #isAhead(): boolean {
    if (this.#clients.size === 0) return false;
    let leading = 0;
    for (const client of this.#clients) if (client.offset > leading) leading = client.offset;
    const { ring } = this.#buffer;
    const limitBytes = this.#options.budget.ringLimit(this.settings.ring.maxBytes, this.#options.sessionCount());
    if (ring.head - leading > limitBytes / 2) return true;
    return ring.head > leading && this.#buffer.lagMs(leading) > this.settings.ring.maxAheadMs;
  }

  // ── the end of a source, and of the session ────────────────────────────────────────────────────────────────────

  /** The source in use has ended or fallen silent; another one is on its way. */
  #troubled(end: SourceEnd & { readonly id: string }): void {
    const nowMs = this.clock.now();
    const isSilent = end.reason === 'stalled';
    const deliveredMs = this.#outage?.deliveredMs ?? this.#buffer.index.timeline.headMs - this.#sourceFromMs;
    if (!isSilent && deliveredMs < this.settings.recovery.minDeliveredMs) this.#supply.countFailure(end.reason);
    this.#tellSourceEnd(end, deliveredMs);
    if (this.clientCount === 0) return void this.close('idle');
    this.#state = transition(this.#state, { type: 'source-ended' }, nowMs);
    if (this.#outage !== undefined) this.#outage.end = end;
    else {
      const from = end.id;
      this.#outage = { sinceMs: nowMs, from, end, deliveredMs, splicer: undefined, firstPacketMs: undefined };
    }
  }

  /** The silent source delivers again. */
  #calmed(): void {
    this.#outage = undefined;
  }

  #withdrawn(end: SourceEnd & { readonly id: string; readonly opened: boolean }): void {
    this.#tellSourceEnd(end, 0);
    // One that could not be opened costs an attempt only: an engine may still be starting.
    if (end.opened) this.#supply.countFailure(end.reason);
    if (this.#outage === undefined) return;
    this.#outage.splicer = undefined;
    this.#outage.firstPacketMs = undefined;
  }

  #tellSourceEnd({ id, reason, error }: SourceEnd & { readonly id: string }, deliveredMs: number): void {
    this.#options.announce('sourceEnd', { key: this.key, source: id, reason, deliveredMs, error });
  }

  #exhausted(reason: SessionEndReason, cause: unknown): void {
    const error =
      reason === 'open_failed'
        ? new MpegTsProxyError('open_failed', `No source of ${this.key} could be opened`, {
            cause,
            retryable: !(cause instanceof Error && 'retryable' in cause && cause.retryable === false),
          })
        : new MpegTsProxyError('session_ended', `The stream ${this.key} ended: ${reason}`, { cause });
    this.#end(reason, error);
  }

  /** Ends the session for everyone. Resolves when its sources have been told; the same promise every time. */
  close(reason: SessionEndReason): Promise<void> {
    return this.#end(reason, new MpegTsProxyError('session_ended', `The stream ${this.key} ended: ${reason}`));
  }

  #end(reason: SessionEndReason, error: MpegTsProxyError): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    const nowMs = this.clock.now();
    this.#state = transition(this.#state, { type: 'close', reason }, nowMs);
    this.#closing = this.#supply.close(CLOSE_REASONS[reason] ?? 'unused');
    this.#stayAwake();
    this.#cancelTend?.();
    this.#cancelSettle?.();
    this.#flusher.stop();
    for (const waiter of [...this.#waiters]) waiter.refuse(error);
    for (const client of [...this.#clients]) client.end(reason);
    this.#countSluggish(0);
    const { bytesIn, bytesOut } = this;
    this.#buffer.clear();
    this.#options.closed(this);
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
      source: this.#state.name === 'live' ? this.#supply.sourceId : undefined,
      sourcesTried: this.#supply.sourcesTried,
      lingering: this.#lingerSinceMs !== undefined,
      clients: [...this.#clients].map((client) => client.stats()),
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
      recoveries: Object.freeze([...this.#recoveries]),
    });
  }
}
