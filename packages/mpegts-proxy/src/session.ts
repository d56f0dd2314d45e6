import { Audience, type JoinRequest } from './audience.ts';
import type { Client } from './client.ts';
import type {
  Clock,
  CloseReason,
  OpenSource,
  ProxySettings,
  SessionEndReason,
  SessionStats,
  SpliceKind,
} from './contract.ts';
import { MpegTsProxyError } from './errors.ts';
import { Intake } from './intake.ts';
import type { Announce } from './lifecycle.ts';
import { Linger } from './linger.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { type SessionEvent, type State, stateName, transition } from './session-state.ts';
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
 * One stream, from its first client to its end: what the {@link Intake} puts into the {@link StreamBuffer} is served to the
 * {@link Audience} from there.
 */
export class Session {
  readonly key: string;
  readonly #options: SessionOptions;
  readonly #clock: Clock;
  readonly #buffer: StreamBuffer;
  readonly #audience: Audience;
  readonly #intake: Intake;
  readonly #linger: Linger;
  readonly #startedMs: number;
  readonly #startedAt: number;
  #state: State;
  #closing: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    const { key, settings, budget, clock, announce, sessionCount } = options;
    this.key = key;
    this.#options = options;
    this.#clock = clock;
    this.#startedMs = clock.now();
    this.#startedAt = clock.wallNow();
    this.#state = { name: 'opening', sinceMs: this.#startedMs };
    const ringLimitBytes = (): number => budget.ringLimit(settings.ring.maxBytes, sessionCount());
    this.#buffer = new StreamBuffer({
      limitBytes: ringLimitBytes,
      maxDurationMs: settings.ring.maxDurationMs,
      programNumber: settings.programNumber,
      allocated: (delta) => budget.addRingBytes(delta),
    });
    this.#audience = new Audience({
      ...options,
      buffer: this.#buffer,
      progressed: () => this.#intake.resumeReading(),
      emptied: () => this.#emptied(),
    });
    this.#linger = new Linger({
      clock,
      ms: settings.linger.ms,
      isUsed: () => this.clientCount > 0,
      over: () => this.close('idle'),
    });
    const parts = { buffer: this.#buffer, readers: this.#audience, ringLimitBytes };
    this.#intake = new Intake(
      { ...options, ...parts },
      {
        delivered: (bytes, source, nowMs) => this.#delivered(bytes, source, nowMs),
        interrupted: (nowMs) => this.#interrupted(nowMs),
        exhausted: (reason, cause) => this.#exhausted(reason, cause),
      },
    );
    announce('sessionStart', { key });
    this.#intake.start();
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
    return this.#intake.bytesIn;
  }

  get bytesOut(): number {
    return this.#audience.bytesOut;
  }

  get skips(): number {
    return this.#audience.skips;
  }

  /** Recoveries so far, by how the new source was joined. */
  get splices(): Readonly<Record<SpliceKind, number>> {
    return this.#intake.recoveries.counts;
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

  #delivered(bytes: number, source: string, nowMs: number): void {
    const isFirst = this.#state.name === 'opening';
    this.#apply({ type: 'delivering', source }, nowMs);
    if (bytes === 0) return;
    if (isFirst) this.#options.announce('sessionLive', { key: this.key, source, firstByteMs: nowMs - this.#startedMs });
    this.#audience.serve(bytes);
  }

  #interrupted(nowMs: number): void {
    if (this.clientCount === 0) return void this.close('idle');
    this.#apply({ type: 'source-ended' }, nowMs);
  }

  #apply(event: SessionEvent, nowMs: number): void {
    this.#state = transition(this.#state, event, nowMs);
  }

  /** Cuts the ring back to what it may take now. */
  trim(): void {
    this.#buffer.trim();
  }

  /** Goes over to another source while the one in use delivers; false when none does. */
  move(): boolean {
    return this.#state.name === 'live' && this.clientCount > 0 && this.#intake.move();
  }

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
    this.#closing = this.#intake.close(closeReason);
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
    const { supply, recoveries } = this.#intake;
    return Object.freeze({
      key: this.key,
      state: stateName(this.#state),
      startedAt: this.#startedAt,
      source: supply.sourceId,
      sourcesTried: supply.sourcesTried,
      lingering: this.#linger.sinceMs !== undefined,
      clients: this.#audience.stats(),
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      bitsPerSecond: Math.round(index.timeline.bitsPerSecond),
      ring: Object.freeze({
        bytes: ring.head - ring.tail,
        durationMs: this.#buffer.lagMs(ring.tail),
        keyframes: index.keyframeCount,
      }),
      sourcePaused: supply.paused,
      resyncs: supply.resyncs,
      droppedBytes: supply.droppedBytes,
      program: index.program,
      health: index.health.stats(),
      recoveries: recoveries.list(),
    });
  }
}
