import { Writable } from 'node:stream';

/** A client's socket: remembers what it took, and stops taking when told to. */
export class Collector extends Writable {
  readonly #chunks: Buffer[] = [];
  byteCount = 0;
  #held: (() => void) | undefined;
  #blocked = false;

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(Buffer.from(chunk));
    this.byteCount += chunk.length;
    if (this.#blocked) this.#held = done;
    else done();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }

  /** The next write is taken but never acknowledged. */
  block(): void {
    this.#blocked = true;
  }

  unblock(): void {
    this.#blocked = false;
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }
}
