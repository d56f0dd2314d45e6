import { PACKET_BYTES } from './packet.ts';

/** A slab holds whole packets and is about 256 KiB: the size of the largest single write. */
export const SLAB_BYTES: number = 1394 * PACKET_BYTES;

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * The newest bytes of a stream. Places are byte offsets since the start of the session, multiples of 188.
 *
 *      tail                                   head
 *       ▼                                      ▼
 *     ┌──────────────┬──────────────┬──────────────┐
 *     │ slab         │ slab         │ slab  ░░░░░░░│   ░ not written yet
 *     └──────────────┴──────────────┴──────────────┘
 *
 * Every slab has the same size, so that a place is found by division. Bytes are copied once, on arrival; what was
 * written never changes, and a slab that leaves the ring is left to the garbage collector, because a socket may still
 * be sending from it.
 */
export class Ring {
  #slabs: Uint8Array[] = [];
  /** Place of the first byte of the first slab. */
  #tail = 0;
  #head = 0;
  readonly #allocated: (deltaBytes: number) => void;
  /** The view that was asked for last, and where it starts: the clients of a cohort all ask for the same one. */
  #lastView: Uint8Array = NO_BYTES;
  #lastViewAt = -1;

  /** @param allocated told of every slab that is added or dropped, in bytes */
  constructor(allocated: (deltaBytes: number) => void = () => {}) {
    this.#allocated = allocated;
  }

  /** Place of the oldest byte that is here. */
  get tail(): number {
    return this.#tail;
  }

  /** Place behind the newest byte. */
  get head(): number {
    return this.#head;
  }

  /** Memory the slabs take, whether written or not. */
  get heldBytes(): number {
    return this.#slabs.length * SLAB_BYTES;
  }

  /** Place at which the oldest slab ends: the next tail. */
  get nextTail(): number {
    return Math.min(this.#tail + SLAB_BYTES, this.#head);
  }

  /** Copies whole packets to the head. */
  append(run: Uint8Array): void {
    let taken = 0;
    while (taken < run.length) {
      const used = (this.#head - this.#tail) % SLAB_BYTES;
      if (used === 0 && this.#head - this.#tail === this.heldBytes) this.#grow();
      const room = SLAB_BYTES - used;
      const part = run.length - taken <= room ? run.subarray(taken) : run.subarray(taken, taken + room);
      this.#slabs[this.#slabs.length - 1]!.set(part, used);
      this.#head += part.length;
      taken += part.length;
    }
  }

  #grow(): void {
    this.#slabs.push(Buffer.allocUnsafeSlow(SLAB_BYTES));
    this.#allocated(SLAB_BYTES);
  }

  /** The bytes from a place on, at most up to the end of their slab. A view: immutable, shared by everyone. */
  view(from: number, maxBytes: number = SLAB_BYTES): Uint8Array {
    if (from < this.#tail || from >= this.#head) return NO_BYTES;
    const start = (from - this.#tail) % SLAB_BYTES;
    const length = Math.min(maxBytes, this.#head - from, SLAB_BYTES - start);
    if (from === this.#lastViewAt && length === this.#lastView.length) return this.#lastView;
    const slab = this.#slabs[Math.floor((from - this.#tail) / SLAB_BYTES)];
    if (slab === undefined) return NO_BYTES;
    this.#lastViewAt = from;
    this.#lastView = slab.subarray(start, start + length);
    return this.#lastView;
  }

  /** Forgets the oldest slab; its bytes live on where a view of them does. */
  dropOldestSlab(): void {
    if (this.#slabs.shift() === undefined) return;
    this.#lastViewAt = -1;
    this.#lastView = NO_BYTES;
    this.#tail = this.#slabs.length === 0 ? this.#head : this.#tail + SLAB_BYTES;
    this.#allocated(-SLAB_BYTES);
  }

  /** Gives all memory back; the places stay. */
  clear(): void {
    while (this.#slabs.length > 0) this.dropOldestSlab();
    this.#tail = this.#head;
  }
}
