import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

/** Bytes of the body that wait for their reader before the sender is held up. */
const HOLD_UP_AT_BYTES = 256 * 1024;

export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
}

export interface HttpExchangeOptions {
  /** What the reader of the body is to throw at its end; undefined for a clean one. */
  readonly endOf: (error: Error | undefined) => unknown;
  /** Called at the end, and when the reader wants no more. */
  readonly release: () => Promise<void>;
}

/**
 * One answer of undici, its body an iterable of chunks that come straight from the parser: a stream in between would
 * cost more per chunk than everything that is done with it afterwards.
 */
export class HttpExchange implements Dispatcher.DispatchHandler, AsyncIterableIterator<Uint8Array> {
  /** The head of the answer; rejects with undici's error when none comes. */
  readonly answer: Promise<HttpAnswer>;
  readonly #answered = Promise.withResolvers<HttpAnswer>();
  readonly #options: HttpExchangeOptions;
  #controller: Dispatcher.DispatchController | undefined;
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #reader: PromiseWithResolvers<IteratorResult<Uint8Array>> | undefined;
  #ended = false;
  #error: unknown;

  constructor(options: HttpExchangeOptions) {
    this.#options = options;
    this.answer = this.#answered.promise;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    // 1xx only announces an answer.
    if (statusCode >= 200) this.#answered.resolve({ statusCode, headers });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    const reader = this.#reader;
    if (reader !== undefined) {
      this.#reader = undefined;
      reader.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= HOLD_UP_AT_BYTES) controller.pause();
  }

  onResponseEnd(): void {
    this.#end(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#answered.reject(error);
    this.#end(error);
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = this.#options.endOf(error);
    this.#reader?.resolve(this.#last());
    this.#reader = undefined;
    this.#options.release().catch(() => {});
  }

  /** An error is thrown once; the body is at its end then. */
  #last(): Promise<IteratorReturnResult<undefined>> {
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  /** The next chunk, memory that is the reader's from then on. Ask for one at a time. */
  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#waitingBytes -= chunk.length;
      if (this.#controller?.paused && this.#waitingBytes < HOLD_UP_AT_BYTES) this.#controller.resume();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#ended) return this.#last();
    this.#reader = Promise.withResolvers<IteratorResult<Uint8Array>>();
    return this.#reader.promise;
  }

  /** Nothing more is wanted: what has come is forgotten, who waits is told the end. */
  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#chunks.length = 0;
    this.#ended = true;
    this.#error = undefined;
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
    await this.#options.release();
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
