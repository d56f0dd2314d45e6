import { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** Where a client's bytes go. */
export interface Sink {
  /** Writes in order; `done` is called once everything was taken, or with what went wrong. */
  write(chunks: readonly Uint8Array[], done: (error: Error | null | undefined) => void): void;
  /** Ends after what was written. */
  end(): void;
  destroy(): void;
  /** Calls back once when the other side is gone, or the sink ended. */
  onClose(callback: () => void): void;
}

/**
 * Wraps a Writable. A response without a framing of its own (no content length, not chunked) is written past the HTTP
 * layer, straight to its socket: per byte that is the cheapest way there is, and what the client sees is the same.
 */
export function toSink(target: Writable | ServerResponse): Sink {
  if (target instanceof ServerResponse) {
    target.flushHeaders();
    if (target.chunkedEncoding === false && target.socket !== null && target.writableLength === 0) {
      return new StreamSink(target.socket, target);
    }
  }
  return new StreamSink(target, target);
}

class StreamSink implements Sink {
  readonly #stream: Writable;
  /** What is ended: the response whose socket the stream is, or the stream itself. */
  readonly #owner: Writable | ServerResponse;

  constructor(stream: Writable, owner: Writable | ServerResponse) {
    this.#stream = stream;
    this.#owner = owner;
    // Errors are told by the write's callback and by `close`; without a listener they would be thrown.
    this.#stream.on('error', () => {});
  }

  write(chunks: readonly Uint8Array[], done: (error: Error | null | undefined) => void): void {
    if (chunks.length === 1) {
      this.#stream.write(chunks[0]!, done);
      return;
    }
    this.#stream.cork();
    chunks.forEach((chunk, index) => {
      if (index < chunks.length - 1) this.#stream.write(chunk);
      else this.#stream.write(chunk, done);
    });
    this.#stream.uncork();
  }

  end(): void {
    this.#owner.end();
  }

  destroy(): void {
    this.#stream.destroy();
  }

  onClose(callback: () => void): void {
    if (this.#stream.destroyed) queueMicrotask(callback);
    else this.#stream.once('close', callback);
  }
}
