import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@acestream-orchestrator/engine-orchestrator';
import { fromPlaylist, HlsProxyError, type Segment, type SegmentSource } from '@acestream-orchestrator/hls-proxy';
import type { SourceEndReason } from '@acestream-orchestrator/mpegts-proxy';
import type { Attempt } from '../diagnosis/attempt.ts';
import { freshSegments } from './fresh-segments.ts';
import type { Outcome } from './leased-engine.ts';
import { mindLease } from './mind-lease.ts';
import { endAttempt, faultOf, isPrebuffering, outcomeOf, reasonOf } from './segment-failure.ts';
import type { StreamEvents } from './stream-events.ts';

/** An engine's segments last four to six seconds: one whose playlist stands still for so long is left. */
const giveUpMs = 15_000;
/** A fresh session may answer 500 while it is still prebuffering. */
const playlistRetries = 5;
const playlistRetryMs = 500;

/** What one source of a content leaves for the next one. */
export interface SplicedContent {
  /** The source whose segments viewers get, or got last. */
  playing: EngineSegmentSource | undefined;
  /** The one that it is to be left for. */
  successor: EngineSegmentSource | undefined;
  /** Why it ended, until another one delivers. */
  lost: { readonly reason: SourceEndReason; readonly atMs: number } | undefined;
}

export interface EngineSegmentSourceOptions {
  readonly key: string;
  readonly content: SplicedContent;
  readonly attempt: Attempt;
  readonly lease: Lease;
  readonly playbackUrl: string;
  readonly hooks: StreamEvents['hooks'];
  /** Longest wait for the first playlist, which is answered after prebuffering. */
  readonly firstPlaylistMs: number;
  /** Aborts when nobody wants the segments any more. */
  readonly signal: AbortSignal;
  /** The engine is to be emptied; called again from time to time as long as it is not. */
  readonly onDrain: () => void;
  readonly onSegment: () => void;
  /** Lets the engine go. */
  readonly end: (outcome: Outcome) => Promise<void>;
}

/** The segments of a session that is open on an engine, until its playlist fails or its engine is needed no more. */
export class EngineSegmentSource implements SegmentSource {
  readonly #options: EngineSegmentSourceOptions;
  readonly #reading: AbortSignal;
  readonly #stopMinding: () => void;
  readonly #ready = Promise.withResolvers<void>();
  #playlist: SegmentSource;
  #outcome: Outcome = 'ok';
  #hasDelivered = false;
  #deliveredMs = 0;
  /** Where the media of its newest segment ends, in ticks of 90 kHz; before there is one, that of the source before. */
  #end: number | undefined;

  constructor(options: EngineSegmentSourceOptions) {
    this.#options = options;
    const { signal, lease, content, onDrain } = options;
    const over = new AbortController();
    this.#stopMinding = mindLease(lease.signal, {
      isPlaying: () => content.playing === this,
      giveUp: (reason) => over.abort(reason),
      onDrain,
    });
    this.#reading = AbortSignal.any([signal, over.signal]);
    this.#playlist = this.#follow();
  }

  get engineId(): string {
    return this.#options.lease.engine.id;
  }

  get deliveredMs(): number {
    return this.#deliveredMs;
  }

  /** Where the media that viewers have ends. */
  get end(): number | undefined {
    return this.#end;
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  get targetDurationMs(): number | undefined {
    return this.#playlist.targetDurationMs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Segment, void, undefined> {
    for (let retry = 0; ; retry++) {
      try {
        for await (const { segment, end } of this.#fresh()) {
          this.#took(segment, end);
          yield segment;
        }
        return;
      } catch (error) {
        if (this.#hasDelivered || !isPrebuffering(error) || retry >= playlistRetries) {
          this.#failed(error);
          throw error;
        }
      }
      await this.#playlist.close?.('failed');
      await delay(playlistRetryMs, undefined, { signal: this.#reading }).catch(() => this.#reading.throwIfAborted());
      this.#playlist = this.#follow();
    }
  }

  async close(reason: Parameters<NonNullable<SegmentSource['close']>>[0]): Promise<void> {
    const { content } = this.#options;
    if (content.successor === this) content.successor = undefined;
    this.#stopMinding();
    try {
      await this.#playlist.close?.(reason);
    } finally {
      await this.#options.end(this.#outcome);
    }
  }

  #follow(): SegmentSource {
    const { playbackUrl, firstPlaylistMs } = this.#options;
    return fromPlaylist(playbackUrl, { signal: this.#reading, playlistTimeoutMs: firstPlaylistMs, giveUpMs });
  }

  #fresh(): ReturnType<typeof freshSegments> {
    return freshSegments(this.#playlist, {
      position: () => this.#options.content.playing?.end,
      onCaughtUp: this.#ready.resolve,
    });
  }

  #took({ expectedDurationMs: durationMs = 0 }: Segment, end: number | undefined): void {
    const { content, attempt, onSegment } = this.#options;
    onSegment();
    attempt.played(this.engineId);
    if (!this.#hasDelivered && content.playing !== this && content.successor !== this) this.takeOver();
    this.#hasDelivered = true;
    this.#deliveredMs += durationMs;
    // A lost one has its length, and no bytes to tell its end from.
    this.#end = end ?? (this.#end === undefined ? undefined : this.#end + durationMs * 90);
  }

  /** Viewers get these segments from now on: after those of a source that ended, or of one that is left for this one. */
  takeOver(): void {
    const { key, content, hooks } = this.#options;
    const { playing: former, lost } = content;
    Object.assign(content, { playing: this, successor: undefined, lost: undefined });
    if (former === undefined) return;
    this.#end ??= former.end;
    const { engineId: from, deliveredMs } = former;
    const reason = lost?.reason ?? 'moved';
    if (lost === undefined)
      hooks.sourceEnd?.({ key, source: from, opened: true, reason, deliveredMs, error: undefined });
    const gapMs = lost === undefined ? 0 : performance.now() - lost.atMs;
    hooks.spliced?.({
      ...{ key, from, to: this.engineId, reason, at: Date.now() - gapMs, splice: 'cut' },
      ...{ gapMs, clientGapMs: gapMs, droppedBytes: 0, skippedBytes: undefined },
    });
  }

  #failed(error: unknown): void {
    const { key, content, attempt, hooks, signal } = this.#options;
    const { engineId: engine, deliveredMs } = this;
    if (error instanceof HlsProxyError) this.#outcome = outcomeOf(error);
    attempt.step('first_byte', false, { engine, ...faultOf(error) });
    endAttempt(attempt, error, signal);
    if (signal.aborted) return;
    const reason = reasonOf(error, this.#hasDelivered);
    hooks.sourceEnd?.({ key, source: engine, opened: true, reason, deliveredMs, error });
    if (content.playing === this) content.lost = { reason, atMs: performance.now() };
  }
}
