/** Where the average view would be smaller than this, one copy is cheaper than a write of many pieces per viewer. */
const MIN_AVERAGE_BYTES = 4 * 1024;
const FEW_VIEWS = 4;

/**
 * Collects packets as views of the memory they are in: what lies side by side there becomes one view. Bytes are copied
 * only where packets that do not belong (null packets of a padded stream, say) have cut them into small pieces.
 */
export class PacketRuns {
  #views: Uint8Array[] = [];
  #byteLength = 0;
  #bytes: Uint8Array | undefined;
  #from = 0;
  #to = 0;

  get byteLength(): number {
    return this.#byteLength;
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    this.#byteLength += to - from;
    if (bytes === this.#bytes && from === this.#to) {
      this.#to = to;
      return;
    }
    this.#seal();
    this.#bytes = bytes;
    this.#from = from;
    this.#to = to;
  }

  /** The first bytes, or everything; they are no longer here afterwards. */
  take(byteLength: number = this.#byteLength): Uint8Array[] {
    this.#seal();
    const taken: Uint8Array[] = [];
    let missing = byteLength;
    while (missing > 0) {
      const view = this.#views.shift()!;
      taken.push(view.subarray(0, missing));
      if (view.length > missing) this.#views.unshift(view.subarray(missing));
      missing -= Math.min(view.length, missing);
    }
    this.#byteLength -= byteLength;
    const isShredded = taken.length > FEW_VIEWS && byteLength < taken.length * MIN_AVERAGE_BYTES;
    return isShredded ? [Buffer.concat(taken)] : taken;
  }

  #seal(): void {
    if (this.#bytes === undefined) return;
    const view = this.#bytes.subarray(this.#from, this.#to);
    this.#bytes = undefined;
    const last = this.#views.at(-1);
    const follows = last?.buffer === view.buffer && last.byteOffset + last.length === view.byteOffset;
    if (last !== undefined && follows) {
      this.#views[this.#views.length - 1] = new Uint8Array(last.buffer, last.byteOffset, last.length + view.length);
    } else this.#views.push(view);
  }
}
