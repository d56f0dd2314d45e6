import { type ContentRef, contentKey, parseContentRef } from '@acestream-orchestrator/engine-orchestrator/ace';
import type { Client, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import { ApiError } from '../api-error.ts';
import type { Diagnosis } from '../diagnosis/diagnosis.ts';
import type { LoopingStreams } from '../streams/looping-streams.ts';
import type { StreamBook } from '../streams/stream-book.ts';
import type { StreamKeys } from '../streams/stream-keys.ts';
import { type Viewer, viewerLabel } from '../streams/viewer.ts';
import { loopingError, toApiError } from './playback-error.ts';
import { ContentRunsError } from './source-failure.ts';

/** The content part of a playback URL. */
export type PlaybackQuery = Parameters<typeof parseContentRef>[0];

export interface PlayOptions {
  /** The viewer left, or waited long enough. */
  readonly signal: AbortSignal;
  readonly viewer: Viewer;
  /** Under which the diagnosis finds the request when it fails. */
  readonly requestId: string;
  /** Called once an engine has answered for the stream: from here on it is a matter of bytes. */
  readonly onOpened: () => void;
}

export interface PlaybackOptions {
  readonly proxy: MpegTsProxy;
  readonly keys: StreamKeys;
  readonly book: StreamBook;
  readonly diagnosis: Diagnosis;
  readonly looping: Pick<LoopingStreams, 'has'>;
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
    const ref = parsed(query);
    const infohashKey = this.#options.keys.infohashOf(contentKey(ref));
    const names = [ref.value, ...(infohashKey === undefined ? [] : [infohashKey.replace(/^infohash:|@\d+$/g, '')])];
    if (names.some((name) => this.#options.looping.has(name))) throw loopingError(ref.value);
    return ref;
  }

  /** Joins the stream of a content, or starts it. Rejects with an ApiError, or with the signal's reason. */
  async join(ref: ContentRef, options: PlayOptions): Promise<Client> {
    let streamKey = this.keyOf(ref);
    for (;;) {
      try {
        const client = await this.#joinStream(streamKey, ref, options);
        this.#options.diagnosis.joined(streamKey);
        return client;
      } catch (error) {
        const runsAs = options.signal.aborted ? undefined : runningStreamOf(error);
        if (runsAs !== undefined) {
          streamKey = runsAs;
          continue;
        }
        const told: unknown = options.signal.aborted ? options.signal.reason : toApiError(error);
        if (told instanceof ApiError) this.refused(streamKey, ref, options.requestId, told);
        throw told;
      }
    }
  }

  /** A player is told that it gets nothing: kept for whoever asks why. */
  refused(streamKey: string, { kind, value }: ContentRef, requestId: string, { code, message }: ApiError): void {
    this.#options.diagnosis.requestFailed({ requestId, streamKey, content: { kind, value }, code, message });
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

function parsed(query: PlaybackQuery): ContentRef {
  try {
    return parseContentRef(query);
  } catch (error) {
    throw toApiError(error);
  }
}

/** The stream that plays this content already, when that is why another one could not be opened. */
export function runningStreamOf(error: unknown): string | undefined {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof ContentRunsError) return cause.streamKey;
  }
  return undefined;
}
