import type { ContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { OpenSegments, Segment } from '@acestream-orchestrator/hls-proxy';
import type { MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import { cutterLabel } from '../streams/viewer.ts';
import type { SegmentSupply } from './hls-playback.ts';
import { type Playback, runningStreamOf } from './playback.ts';
import { RememberedContents } from './remembered-contents.ts';

export interface StreamSegmentsOptions {
  readonly proxy: MpegTsProxy;
  readonly playback: Playback;
  readonly targetDurationMs: number;
  readonly partTargetMs: number;
}

/** Cuts the segments of HLS sessions from the streams of the MPEG-TS proxy: one engine session for both. */
export class StreamSegments implements SegmentSupply {
  readonly #options: StreamSegmentsOptions;
  readonly #contents = new RememberedContents<ContentRef>();
  /** The stream that an HLS session is cut from, where that is not the one of its own key. */
  readonly #streams = new Map<string, string>();

  constructor(options: StreamSegmentsOptions) {
    this.#options = options;
  }

  expect(key: string, ref: ContentRef): void {
    this.#contents.expect(key, ref);
  }

  streamOf(key: string): string {
    return this.#streams.get(key) ?? key;
  }

  keyOf(ref: ContentRef): string {
    return this.#options.playback.keyOf(ref);
  }

  ended(key: string): void {
    this.#streams.delete(key);
    this.#contents.release(key);
  }

  readonly open: OpenSegments = (key, { signal }) => {
    signal.throwIfAborted();
    const ref = this.#contents.use(key);
    return { [Symbol.asyncIterator]: () => this.#segments(key, ref, signal) };
  };

  async *#segments(key: string, ref: ContentRef, signal: AbortSignal): AsyncGenerator<Segment, void, undefined> {
    const { proxy, playback, targetDurationMs, partTargetMs } = this.#options;
    for (;;) {
      const streamKey = this.streamOf(key);
      playback.expect(streamKey, ref);
      try {
        const options = { targetDurationMs, partDurationMs: partTargetMs, signal, label: cutterLabel };
        yield* proxy.segments(streamKey, options);
      } catch (error) {
        signal.throwIfAborted();
        const runsAs = runningStreamOf(error);
        if (runsAs === undefined) throw error;
        this.#streams.set(key, runsAs);
      } finally {
        playback.forgetUnlessRunning(streamKey);
      }
    }
  }
}
