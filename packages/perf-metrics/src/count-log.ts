/** Most bytes that one cell takes: two for gap and small count, five for a large count. */
const MAX_CELL_BYTES = 7;
/** A cell's first number holds counts up to this less one in its low three bits. */
const LARGE_COUNT = 8;
const INITIAL_BYTES = 1024;

/**
 * A queue of bucket counts, written compactly: only the buckets that were hit, as the gap to the bucket before and the
 * count, mostly one byte together.
 *
 *   counts   0 0 3 1 0 0 0 … 0 9            cell     gap − 1 (5 bits) │ count − 1 (3 bits)
 *   cells        └┬┘ ┴           ┴                   a gap over 16 takes a second byte;
 *                 2 bytes    2 bytes                 7 in the low bits: count − 8 follows, 7 bits a byte
 *
 * The bytes lie in one buffer, used as a circle, that doubles when it is full.
 */
export class CountLog {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #start = 0;
  #length = 0;

  /** Bytes between the oldest and the newest entry. */
  get length(): number {
    return this.#length;
  }

  /** Bytes of memory held. */
  get capacityBytes(): number {
    return this.#bytes.length;
  }

  /** Adds an entry at the end and returns how many bytes it takes. */
  append(counts: Uint32Array): number {
    this.#reserve(distinct(counts) * MAX_CELL_BYTES);
    const bytes = this.#bytes;
    const begin = this.#start + this.#length;
    let at = begin;
    let previous = -1;
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const count = counts[bucket]!;
      if (count === 0) continue;
      const gap = bucket - previous - 1;
      previous = bucket;
      at = put(bytes, at, (gap << 3) | (Math.min(count, LARGE_COUNT) - 1));
      if (count >= LARGE_COUNT) at = put(bytes, at, count - LARGE_COUNT);
    }
    this.#length += at - begin;
    return at - begin;
  }

  /** Adds `weight` times the counts of the entry of `length` bytes, `offset` bytes behind the oldest, to `target`. */
  addTo(target: Float64Array, offset: number, length: number, weight: 1 | -1): void {
    const bytes = this.#bytes;
    const mask = bytes.length - 1;
    const end = this.#start + offset + length;
    let at = end - length;
    let bucket = -1;
    while (at < end) {
      let cell = bytes[at++ & mask]!;
      if (cell >= 0x80) cell = (cell & 0x7f) | (bytes[at++ & mask]! << 7);
      bucket += (cell >>> 3) + 1;
      let count = (cell & 7) + 1;
      if (count === LARGE_COUNT) {
        let byte: number;
        let unit = 1;
        do {
          byte = bytes[at++ & mask]!;
          count += (byte & 0x7f) * unit;
          unit *= 0x80;
        } while (byte >= 0x80);
      }
      target[bucket]! += weight * count;
    }
  }

  /** Drops the oldest entry, of `length` bytes. */
  drop(length: number): void {
    this.#start = (this.#start + length) & (this.#bytes.length - 1);
    this.#length -= length;
  }

  #reserve(bytes: number): void {
    const old = this.#bytes;
    const needed = this.#length + bytes;
    if (needed <= old.length) return;
    let capacity = old.length;
    while (capacity < needed) capacity *= 2;
    this.#bytes = new Uint8Array(capacity);
    const tail = old.subarray(this.#start, this.#start + this.#length);
    this.#bytes.set(tail);
    this.#bytes.set(old.subarray(0, this.#length - tail.length), tail.length);
    this.#start = 0;
  }
}

function distinct(counts: Uint32Array): number {
  let buckets = 0;
  for (const count of counts) if (count > 0) buckets++;
  return buckets;
}

/** Writes a number with seven bits a byte, low bits first, and returns the place behind it. */
function put(bytes: Uint8Array, at: number, value: number): number {
  const mask = bytes.length - 1;
  let rest = value;
  while (rest >= 0x80) {
    bytes[at++ & mask] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[at++ & mask] = rest;
  return at;
}
