import { Aligner } from './align.ts';
import type { CloseReason, OpenSource } from './contract.ts';
import { SourceError } from './errors.ts';
import { type OpenedSource, type OpenOptions, openSource } from './opened-source.ts';
import type { SourceEnd } from './source-pump.ts';

export interface FeedEvents {
  /** A run of whole packets. */
  packets(feed: Feed, run: Uint8Array): void;
  /** Silence; packets may still come. */
  stalled(feed: Feed): void;
  /** It could not be opened, or it ended. Told once, never after {@link Feed.close}. */
  ended(feed: Feed, end: SourceEnd): void;
}

/** One source from the call of the opener to its close, as whole packets. */
export class Feed {
  readonly #defaultId: string;
  readonly #events: FeedEvents;
  readonly #aligner = new Aligner();
  readonly #opening = new AbortController();
  readonly #opened: Promise<void>;
  #source: OpenedSource | undefined;
  #closed = false;
  #closing: Promise<void> | undefined;
  isStalled = false;

  constructor(open: OpenSource, options: Omit<OpenOptions, 'signal'>, events: FeedEvents) {
    this.#defaultId = options.defaultId;
    this.#events = events;
    const signal = this.#opening.signal;
    const pumpEvents = {
      chunk: (chunk: Uint8Array): void => this.#take(chunk, options.key),
      stalled: (): void => {
        this.isStalled = true;
        events.stalled(this);
      },
      end: (end: SourceEnd): void => this.#end(end),
    };
    this.#opened = openSource(open, { ...options, signal }, pumpEvents).then(
      (source) => {
        this.#source = source;
        if (this.#closed) return source.close('unused');
        return source.start();
      },
      (error: unknown) => this.#end({ reason: error instanceof SourceError ? error.reason : 'refused', error }),
    );
  }

  get id(): string {
    return this.#source?.id ?? this.#defaultId;
  }

  /** Whether the opener has handed a source over. */
  get wasOpened(): boolean {
    return this.#source !== undefined;
  }

  get paused(): boolean {
    return this.#source?.paused ?? false;
  }

  get resyncs(): number {
    return this.#aligner.resyncs;
  }

  /** Bytes that were not part of a packet. */
  get droppedBytes(): number {
    return this.#aligner.droppedBytes;
  }

  pause(): void {
    this.#source?.pause();
  }

  resume(): void {
    this.#source?.resume();
  }

  #take(chunk: Uint8Array, key: string): void {
    this.#aligner.push(chunk, (run) => {
      if (!this.#closed) this.#events.packets(this, run);
    });
    if (this.#aligner.hopeless) {
      throw new SourceError(
        'bad-response',
        'not_mpegts',
        `${this.id} did not answer with a transport stream for ${key}`,
      );
    }
  }

  #end(end: SourceEnd): void {
    if (this.#closed) return;
    const neverSynced = end.reason === 'ended' && !this.#aligner.everInSync;
    this.#events.ended(this, neverSynced ? { ...end, reason: 'bad-response' } : end);
  }

  /** Gives the opening up, or closes what was opened. Resolves when the source has been told. Never rejects. */
  close(reason: CloseReason): Promise<void> {
    this.#closed = true;
    this.#closing ??= this.#close(reason);
    return this.#closing;
  }

  async #close(reason: CloseReason): Promise<void> {
    if (this.#source !== undefined) return this.#source.close(reason);
    this.#opening.abort(new SourceError('refused', 'other', `${this.id} is no longer wanted`));
    await this.#opened;
  }
}
