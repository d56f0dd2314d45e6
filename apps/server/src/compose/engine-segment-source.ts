import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '@acestream-orchestrator/engine-orchestrator';
import { fromPlaylist, HlsProxyError, type Segment, type SegmentSource } from '@acestream-orchestrator/hls-proxy';
import type { SourceEndReason } from '@acestream-orchestrator/mpegts-proxy';
import type { Attempt } from '../diagnosis/attempt.ts';
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
  /** The source that viewers had before, until another one delivers. */
  lost: { readonly engineId: string; readonly reason: SourceEndReason; readonly atMs: number } | undefined;
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
  /** Whether viewers could go on with another engine. */
  readonly hasPlaceElsewhere: () => boolean;
  readonly onSegment: () => void;
  /** Lets the engine go. */
  readonly end: (outcome: Outcome) => Promise<void>;
}

/** The segments of a session that is open on an engine, until its playlist fails or its engine is needed no more. */
export class EngineSegmentSource implements SegmentSource {
  readonly #options: EngineSegmentSourceOptions;
  readonly #reading: AbortSignal;
  readonly #stopMinding: () => void;
  #playlist: SegmentSource;
  #outcome: Outcome = 'ok';
  #deliveredMs = 0;

  constructor(options: EngineSegmentSourceOptions) {
    this.#options = options;
    const { signal, lease, hasPlaceElsewhere } = options;
    const over = new AbortController();
    this.#stopMinding = mindLease(lease.signal, {
      isPlaying: () => true,
      giveUp: (reason) => over.abort(reason),
      onDrain: () => {
        if (hasPlaceElsewhere()) over.abort(lease.signal.reason);
      },
    });
    this.#reading = AbortSignal.any([signal, over.signal]);
    this.#playlist = this.#follow();
  }

  get targetDurationMs(): number | undefined {
    return this.#playlist.targetDurationMs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Segment, void, undefined> {
    for (let retry = 0; ; retry++) {
      try {
        for await (const segment of this.#playlist) {
          this.#took(segment);
          yield segment;
        }
        return;
      } catch (error) {
        if (this.#deliveredMs > 0 || !isPrebuffering(error) || retry >= playlistRetries) {
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
    this.#stopMinding();
    await this.#playlist.close?.(reason);
    await this.#options.end(this.#outcome);
  }

  #follow(): SegmentSource {
    const { playbackUrl, firstPlaylistMs } = this.#options;
    return fromPlaylist(playbackUrl, { signal: this.#reading, playlistTimeoutMs: firstPlaylistMs, giveUpMs });
  }

  #took(segment: Segment): void {
    const { key, content, attempt, lease, hooks, onSegment } = this.#options;
    onSegment();
    this.#deliveredMs += segment.expectedDurationMs ?? 0;
    attempt.played(lease.engine.id);
    const { lost } = content;
    if (lost === undefined) return;
    content.lost = undefined;
    const gapMs = performance.now() - lost.atMs;
    hooks.spliced?.({
      ...{ key, from: lost.engineId, to: lease.engine.id, reason: lost.reason, at: Date.now() - gapMs },
      ...{ splice: 'cut', gapMs, clientGapMs: gapMs, droppedBytes: 0, skippedBytes: undefined },
    });
  }

  #failed(error: unknown): void {
    const { key, content, attempt, lease, hooks, signal } = this.#options;
    const { id } = lease.engine;
    if (error instanceof HlsProxyError) this.#outcome = outcomeOf(error);
    attempt.step('first_byte', false, { engine: id, ...faultOf(error) });
    endAttempt(attempt, error, signal);
    if (signal.aborted) return;
    const delivered = this.#deliveredMs > 0;
    const reason = reasonOf(error, delivered);
    hooks.sourceEnd?.({ key, source: id, reason, deliveredMs: this.#deliveredMs, error });
    if (delivered) content.lost = { engineId: id, reason, atMs: performance.now() };
  }
}
