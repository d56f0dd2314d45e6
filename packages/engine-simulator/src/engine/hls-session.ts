import { EffectChain } from '../faults/effects/effect-chain.ts';
import type { StreamTarget } from '../faults/effects/stream-effect.ts';
import type { Playout } from '../playout/playout.ts';
import type { EngineContext } from './engine-context.ts';
import { type Cut, findCut, secondsBetween } from './find-cut.ts';

/** Segments are cut at the first keyframe after each multiple of this, so that they last 5 s give or take a keyframe distance. */
const GRID_MS = 5_000;
const WINDOW_SEGMENTS = 17;
/** Segments that left the list and can still be had. */
const EXTRA_SEGMENTS = 3;
/** A new session lists at least about this much, however short the burst. */
const MIN_START_SEGMENTS = 3;
/** What measured engines announce; raised for streams whose keyframes are further apart. */
const TARGET_DURATION_SECONDS = 7;

/** One segment: a stretch of a playout. */
export interface EngineSegment {
  /** Counts from 0 for each session, as the engine's does. */
  readonly number: number;
  readonly playout: Playout;
  readonly offset: number;
  readonly length: number;
  readonly durationSeconds: number;
}

/** The live window of one content, numbered from the start of the session. It grows when it is looked at. */
export class HlsSession implements StreamTarget {
  readonly infohash: string;
  readonly #context: EngineContext;
  readonly #content: Playout;
  readonly #chain: EffectChain;
  readonly #segments: EngineSegment[] = [];
  #positionMs: number;
  #nextGrid: number;
  #nextNumber = 0;

  constructor(context: EngineContext, content: { readonly infohash: string; readonly playout: Playout }) {
    const { now, lagMs, burstMs } = context.settings;
    this.infohash = content.infohash;
    this.#context = context;
    this.#content = content.playout;
    this.#chain = new EffectChain(context.faults, this);
    this.#positionMs = now() - lagMs;
    const earliest = Math.ceil((this.#positionMs - burstMs) / GRID_MS);
    this.#nextGrid = Math.min(earliest, Math.floor(this.#positionMs / GRID_MS) - MIN_START_SEGMENTS);
    this.#grow();
  }

  // What faults on streams look at; HLS has no connection of its own to end, and skips nothing.
  get offset(): number {
    return this.#content.offsetAt(this.#positionMs);
  }
  get positionMs(): number {
    return this.#positionMs;
  }
  readonly bytesSent = 0;
  skipMs(): void {}
  end(): void {}
  reset(): void {}

  /** The media playlist as it is now; `urlOf` makes a segment's address from its number. */
  playlist(urlOf: (segmentNumber: number) => string): string {
    this.#grow();
    const window = this.#segments.slice(-WINDOW_SEGMENTS);
    const longest = Math.max(0, ...window.map(({ durationSeconds }) => durationSeconds));
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:3',
      `#EXT-X-TARGETDURATION:${Math.max(TARGET_DURATION_SECONDS, Math.ceil(longest))}`,
      `#EXT-X-MEDIA-SEQUENCE:${window[0]?.number ?? this.#nextNumber}`,
      ...window.flatMap(({ number, durationSeconds }) => [`#EXTINF:${durationSeconds.toFixed(6)},`, urlOf(number)]),
      '',
    ].join('\n');
  }

  /** A segment in the window, or a little older. */
  segment(segmentNumber: number): EngineSegment | undefined {
    this.#grow();
    return this.#segments.find(({ number }) => number === segmentNumber);
  }

  /** Faults were set or cleared: they begin now, not when somebody looks next. */
  noticeFaults(): void {
    this.#grow();
  }

  #grow(): void {
    const { settings, otherPlayout } = this.#context;
    const nowMs = settings.now();
    const dueMs = nowMs - settings.lagMs;
    this.#positionMs = dueMs;
    this.#chain.update({ nowMs, dueMs, otherPlayout });
    const allowedMs = this.#chain.dueMs(dueMs, nowMs);
    const playout = this.#chain.decorate(this.#chain.replacement(nowMs) ?? this.#content);

    // Nobody looked for long, or the clock was moved: only the end of it is still wanted.
    const kept = WINDOW_SEGMENTS + EXTRA_SEGMENTS;
    const skipped = Math.floor(allowedMs / GRID_MS) - kept - this.#nextGrid;
    if (skipped > 0) {
      this.#nextGrid += skipped;
      this.#nextNumber += skipped;
    }
    for (let from = this.#cutAt(playout); from; ) {
      const to = findCut(playout, (this.#nextGrid + 1) * GRID_MS);
      if (!to || playout.timeOf(to.offset) > allowedMs) break;
      this.#append(playout, from, to);
      from = to;
    }
    this.#segments.splice(0, this.#segments.length - kept);
  }

  #cutAt(playout: Playout): Cut | undefined {
    return (this.#nextGrid + 1) * GRID_MS > this.#positionMs ? undefined : findCut(playout, this.#nextGrid * GRID_MS);
  }

  #append(playout: Playout, from: Cut, to: Cut): void {
    const dueSeconds = (playout.timeOf(to.offset) - playout.timeOf(from.offset)) / 1000;
    const ptsSeconds = secondsBetween(from, to);
    this.#segments.push({
      number: this.#nextNumber,
      playout,
      offset: from.offset,
      length: to.offset - from.offset,
      // The two differ only where a fault makes the timestamps jump.
      durationSeconds: Math.abs(ptsSeconds - dueSeconds) < 1 ? ptsSeconds : dueSeconds,
    });
    this.#nextNumber += 1;
    this.#nextGrid += 1;
  }
}
