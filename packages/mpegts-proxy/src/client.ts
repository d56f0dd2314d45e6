import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';
import type { ClientEndReason, ClientResult, ClientStats, Clock, ProxySettings } from './contract.ts';
import type { Cursor } from './cursor.ts';
import type { Flushable } from './flusher.ts';
import { nullPacket } from './packet.ts';
import { type Sink, toSink } from './sink.ts';

/** How long an ended client's socket gets to take what was written before it is cut. */
const END_GRACE_MS = 1_000;
/** A client whose socket has taken nothing for so long may fill the kernel's send buffer. */
const SLUGGISH_MS = 1_000;

const NULL_PACKETS: readonly Uint8Array[] = [nullPacket()];

/** What a client needs of its session. */
export interface ClientHost {
  readonly clock: Clock;
  readonly settings: ProxySettings;
  /** Whether a client at the head will be served without asking. */
  readonly flushing: boolean;
  /** The client took bytes: reading ahead may go on. */
  progressed(): void;
  left(client: Client, result: ClientResult): void;
}

/**
 * Someone reading the bytes of a session, from the place where it joined. Take them once, in one of three ways:
 * {@link sendTo}, {@link readable}, or `for await`. Leaving the loop, the abort signal of the join, or
 * `await using` ends the client.
 */
export class Client implements Flushable, AsyncDisposable {
  readonly id: string;
  readonly label: string | undefined;
  readonly #host: ClientHost;
  readonly #cursor: Cursor;
  readonly #joinedMs: number;
  readonly #connectedAt: number;
  #sink: Sink | undefined;
  #taken = false;
  /** Since when a write is under way. */
  #writingSinceMs: number | undefined;
  #writingBytes = 0;
  #bytesSent = 0;
  /** Newest progress: joined, or a write completed. */
  #progressMs: number;
  #mediaMs: number;
  #result: ClientResult | undefined;
  #wakeReader: (() => void) | undefined;
  #finish: ((result: ClientResult) => void) | undefined;

  constructor(host: ClientHost, cursor: Cursor, identity: { id: string; label: string | undefined }) {
    this.#host = host;
    this.#cursor = cursor;
    this.id = identity.id;
    this.label = identity.label;
    this.#joinedMs = host.clock.now();
    this.#connectedAt = host.clock.wallNow();
    this.#progressMs = this.#joinedMs;
    this.#mediaMs = this.#joinedMs;
  }

  /** The client's place in the stream. */
  get offset(): number {
    return this.#cursor.offset;
  }

  get bytesSent(): number {
    return this.#bytesSent;
  }

  get skips(): number {
    return this.#cursor.skips;
  }

  /** What became of it; undefined while it reads. */
  get result(): ClientResult | undefined {
    return this.#result;
  }

  /**
   * Writes to a Writable or a ServerResponse (whose status and headers are the caller's) until one of them ends.
   * Never rejects: the outcome is in the result.
   */
  sendTo(target: Writable | ServerResponse): Promise<ClientResult> {
    this.#claim();
    return new Promise((resolve) => {
      if (this.#result !== undefined) {
        target.end();
        resolve(this.#result);
        return;
      }
      this.#finish = resolve;
      this.#sink = toSink(target);
      this.#sink.onClose(() => this.end('left'));
      this.flush();
    });
  }

  /** The bytes as a web stream. Cancelling it ends the client. */
  readable(): ReadableStream<Uint8Array> {
    const chunks = this[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => {
        await chunks.return(undefined);
        this.end('left');
      },
    });
  }

  /** The bytes as views of shared, immutable memory: do not write to them. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    this.#claim();
    try {
      while (this.#result === undefined) {
        const views = this.#cursor.take();
        for (const view of views) {
          yield view;
          this.#sent(view.length);
        }
        if (views.length === 0 && this.#result === undefined) {
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
        }
      }
    } finally {
      this.end('left');
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end('left');
  }

  #claim(): void {
    if (this.#taken) throw new TypeError(`The bytes of client ${this.id} are already being taken`);
    this.#taken = true;
  }

  /** Writes what waits, if the last write is done. */
  flush(): void {
    if (this.#sink === undefined) return this.#wake();
    if (this.#writingSinceMs !== undefined || this.#result !== undefined) return;
    const views = this.#cursor.take();
    if (views.length === 0) return;
    let bytes = 0;
    for (const view of views) bytes += view.length;
    this.#write(views, bytes);
  }

  #wake(): void {
    const wake = this.#wakeReader;
    this.#wakeReader = undefined;
    wake?.();
  }

  #write(views: readonly Uint8Array[], bytes: number): void {
    this.#writingSinceMs = this.#host.clock.now();
    this.#writingBytes = bytes;
    this.#sink?.write(views, this.#written);
  }

  readonly #written = (error: Error | null | undefined): void => {
    this.#writingSinceMs = undefined;
    if (this.#result !== undefined) return;
    if (error) return this.end('left');
    this.#sent(this.#writingBytes);
    const { lagBytes } = this.#cursor;
    if (lagBytes >= this.#host.settings.batch.maxBytes || (lagBytes > 0 && !this.#host.flushing)) this.flush();
  };

  #sent(bytes: number): void {
    this.#bytesSent += bytes;
    this.#progressMs = this.#host.clock.now();
    if (this.#cursor.lagBytes > 0 || bytes > NULL_PACKETS[0]!.length) this.#mediaMs = this.#progressMs;
    this.#host.progressed();
  }

  /**
   * Looks after a client that time passes by: ends it when its socket has taken nothing for too long, sends it a null
   * packet when it has had no media for a while.
   *
   * @returns milliseconds until it wants to be looked at again
   */
  tend(nowMs: number): number {
    const { stallTimeoutMs, keepAliveMs, keepAliveMaxMs } = this.#host.settings.client;
    const idleMs = nowMs - this.#progressMs;
    if (this.#writingSinceMs !== undefined || this.#cursor.lagBytes > 0) {
      if (nowMs - (this.#writingSinceMs ?? this.#progressMs) >= stallTimeoutMs) this.end('stalled');
      return keepAliveMs;
    }
    if (this.#sink === undefined || nowMs - this.#mediaMs >= keepAliveMaxMs) return keepAliveMs;
    if (idleMs < keepAliveMs) return keepAliveMs - idleMs;
    this.#write(NULL_PACKETS, NULL_PACKETS[0]!.length);
    return keepAliveMs;
  }

  /** How long there has been no media to write; 0 while some is left. */
  withoutMediaMs(nowMs: number): number {
    const isWriting = this.#writingSinceMs !== undefined && this.#writingBytes > NULL_PACKETS[0]!.length;
    return isWriting || this.#cursor.lagBytes > 0 ? 0 : nowMs - this.#mediaMs;
  }

  /** Whether the kernel may hold a full send buffer for this client. */
  isSluggish(nowMs: number): boolean {
    return this.#writingSinceMs !== undefined && nowMs - this.#writingSinceMs >= SLUGGISH_MS;
  }

  /** Ends the client; what its socket has taken is still sent, for a moment. Does nothing the second time. */
  end(reason: ClientEndReason): void {
    if (this.#result !== undefined) return;
    this.#result = {
      reason,
      bytesSent: this.#bytesSent,
      skips: this.#cursor.skips,
      durationMs: this.#host.clock.now() - this.#joinedMs,
    };
    this.#endSink(reason);
    this.#host.left(this, this.#result);
    this.#finish?.(this.#result);
    this.#wake();
  }

  #endSink(reason: ClientEndReason): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (reason === 'left' || reason === 'stalled') return sink.destroy();
    const cancel = this.#host.clock.after(END_GRACE_MS, () => sink.destroy());
    sink.onClose(cancel);
    sink.end();
  }

  stats(): ClientStats {
    const { clock } = this.#host;
    return Object.freeze({
      id: this.id,
      label: this.label,
      connectedAt: this.#connectedAt,
      lastActiveAt: clock.wallNow() - (clock.now() - this.#progressMs),
      bytesSent: this.#bytesSent,
      lagBytes: this.#cursor.lagBytes,
      lagMs: this.#cursor.lagMs,
      skips: this.#cursor.skips,
      skippedBytes: this.#cursor.skippedBytes,
    });
  }
}
