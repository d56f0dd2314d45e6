import { SLAB_BYTES } from './ring.ts';
import type { StartPoint, StreamBuffer } from './stream-buffer.ts';

/** One client's place in the stream. */
export class Cursor {
  readonly #buffer: StreamBuffer;
  #offset: number;
  #prefix: Uint8Array | undefined;
  skips = 0;
  skippedBytes = 0;

  constructor(buffer: StreamBuffer, start: StartPoint) {
    this.#buffer = buffer;
    this.#offset = start.offset;
    this.#prefix = start.prefix.length > 0 ? start.prefix : undefined;
  }

  get offset(): number {
    return this.#offset;
  }

  /** Bytes that wait in the ring. */
  get lagBytes(): number {
    return this.#buffer.ring.head - this.#offset;
  }

  get lagMs(): number {
    return this.lagBytes === 0 ? 0 : this.#buffer.lagMs(this.#offset);
  }

  /**
   * The next bytes, at most about {@link SLAB_BYTES}, as views of the ring; empty at the head. A cursor that fell out
   * of the ring goes on at the newest keyframe.
   */
  take(): Uint8Array[] {
    const { ring } = this.#buffer;
    if (this.#offset < ring.tail) this.#skip();
    const taken: Uint8Array[] = [];
    if (this.#prefix !== undefined) {
      taken.push(this.#prefix);
      this.#prefix = undefined;
    }
    let room = SLAB_BYTES;
    while (room > 0 && this.#offset < ring.head) {
      const view = ring.view(this.#offset, room);
      taken.push(view);
      this.#offset += view.length;
      room -= view.length;
    }
    return taken;
  }

  #skip(): void {
    const point = this.#buffer.resumePoint();
    this.skips++;
    this.skippedBytes += point.offset - this.#offset;
    this.#offset = point.offset;
    this.#prefix = point.prefix;
  }
}
