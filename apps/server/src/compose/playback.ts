import { type ContentRef, contentKey, parseContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { Client, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import type { StreamBook } from '../streams/stream-book.ts';
import type { StreamKeys } from '../streams/stream-keys.ts';
import { type Viewer, viewerLabel } from '../streams/viewer.ts';
import { ContentRunsError } from './engine-sources.ts';
import { toApiError } from './playback-error.ts';

/** The content part of a playback URL. */
export type PlaybackQuery = Parameters<typeof parseContentRef>[0];

export interface PlayOptions {
  /** The viewer left, or waited long enough. */
  readonly signal: AbortSignal;
  readonly viewer: Viewer;
  /** Called once an engine has answered for the stream: from here on it is a matter of bytes. */
  readonly onOpened: () => void;
}

export interface PlaybackOptions {
  readonly proxy: MpegTsProxy;
  readonly keys: StreamKeys;
  readonly book: StreamBook;
}

/** From what a player asks for to the client that reads it. */
export class Playback {
  readonly #options: PlaybackOptions;
  readonly #contents = new Map<string, ContentRef>();

  constructor(options: PlaybackOptions) {
    this.#options = options;
  }

  /** Reads the query of a playback URL. Throws an ApiError that says what is wrong with it. */
  parse(query: PlaybackQuery): ContentRef {
    try {
      return parseContentRef(query);
    } catch (error) {
      throw toApiError(error);
    }
  }

  /** Joins the stream of a content, or starts it. Rejects with an ApiError, or with the signal's reason. */
  async join(ref: ContentRef, options: PlayOptions): Promise<Client> {
    let streamKey = this.keyOf(ref);
    for (;;) {
      try {
        return await this.#joinStream(streamKey, ref, options);
      } catch (error) {
        options.signal.throwIfAborted();
        const runsAs = runningStreamOf(error);
        if (runsAs === undefined) throw toApiError(error);
        streamKey = runsAs;
      }
    }
  }

  async #joinStream(streamKey: string, ref: ContentRef, { signal, viewer, onOpened }: PlayOptions): Promise<Client> {
    const { proxy, book } = this.#options;
    this.expect(streamKey, ref);
    const cancel = book.onceOpened(streamKey, onOpened);
    try {
      return await proxy.join(streamKey, { signal, label: viewerLabel(viewer) });
    } catch (error) {
      this.forgetUnlessRunning(streamKey);
      throw error;
    } finally {
      cancel();
    }
  }

  /** The key of the stream that plays a content, or will. */
  keyOf(ref: ContentRef): string {
    return this.#options.keys.resolve(contentKey(ref));
  }

  /** Somebody is about to join this stream. */
  expect(streamKey: string, ref: ContentRef): void {
    if (!this.#contents.has(streamKey)) this.#contents.set(streamKey, ref);
  }

  /** Whoever was about to join has done so, or has failed to. */
  forgetUnlessRunning(streamKey: string): void {
    if (!this.#options.proxy.has(streamKey)) this.#contents.delete(streamKey);
  }

  /** What a running stream plays. */
  contentOf(streamKey: string): ContentRef {
    const ref = this.#contents.get(streamKey);
    if (ref === undefined) throw new TypeError(`Nobody asked for ${streamKey}`);
    return ref;
  }

  /** A stream ended. */
  forgetStream(streamKey: string): void {
    this.#contents.delete(streamKey);
  }
}

/** The stream that plays this content already, when that is why another one could not be opened. */
export function runningStreamOf(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ContentRunsError) return cause.streamKey;
  }
  return undefined;
}
