import { PACKET_BYTES } from '../playout/timeline.ts';

const SYNC = 0x47;
/** Sync bytes in a row that make a packet boundary believable. */
const CONFIRMATIONS = 3;

/** A place where packets did not follow on each other. */
export interface SyncLoss {
  /** Where the next packet should have started. */
  readonly offset: number;
  readonly skippedBytes: number;
}

/** Called with whole packets: the packet is `bytes[at, at + 188)`, `offset` is its place in the stream. */
export type OnPacket = (bytes: Uint8Array, at: number, offset: number) => void;

/** Cuts chunks of any size into packets and notes where that was not possible. */
export class PacketSplitter {
  /** Bytes before the first packet; all of them when there was none. */
  leadingBytes = 0;
  readonly syncLosses: SyncLoss[] = [];
  readonly #onPacket: OnPacket;
  #carry: Uint8Array = new Uint8Array(0);
  /** Of the first byte of `#carry`. */
  #offset = 0;
  /** Where the search for a packet began; `undefined` while packets follow on each other. */
  #searchingFrom: number | undefined = 0;
  #started = false;

  constructor(onPacket: OnPacket) {
    this.#onPacket = onPacket;
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#carry.length > 0 ? Buffer.concat([this.#carry, chunk]) : chunk;
    const done = this.#split(bytes, false);
    this.#carry = Buffer.from(bytes.subarray(done)); // a copy: the chunk is the caller's
    this.#offset += done;
  }

  /** To be called once, after the last chunk. Returns the bytes of an unfinished last packet. */
  finish(): number {
    const left = this.#carry.length - this.#split(this.#carry, true);
    if (this.#searchingFrom === undefined) return left;
    this.#found(this.#offset + this.#carry.length);
    return 0;
  }

  /** Splits what can be split now and returns how many bytes that were. */
  #split(bytes: Uint8Array, final: boolean): number {
    let at = 0;
    for (;;) {
      if (this.#searchingFrom !== undefined) {
        const next = this.#findSync(bytes, at, final);
        at = next.at;
        if (!next.found) return at;
        this.#found(this.#offset + at);
        this.#started = true;
        this.#searchingFrom = undefined;
      }
      for (; at + PACKET_BYTES <= bytes.length && bytes[at] === SYNC; at += PACKET_BYTES) {
        this.#onPacket(bytes, at, this.#offset + at);
      }
      if (at + PACKET_BYTES > bytes.length) return at;
      this.#searchingFrom = this.#offset + at;
    }
  }

  #found(offset: number): void {
    const from = this.#searchingFrom ?? offset;
    if (this.#started) this.syncLosses.push({ offset: from, skippedBytes: offset - from });
    else this.leadingBytes = offset;
  }

  /** The next boundary, or else the first place that more bytes could make one. */
  #findSync(bytes: Uint8Array, from: number, final: boolean): { readonly at: number; readonly found: boolean } {
    let at = from;
    for (; at + PACKET_BYTES <= bytes.length; at++) {
      let confirmed = 0;
      while (confirmed < CONFIRMATIONS && bytes[at + confirmed * PACKET_BYTES] === SYNC) confirmed++;
      if (confirmed === CONFIRMATIONS) return { at, found: true };
      const runsOut = confirmed > 0 && at + confirmed * PACKET_BYTES >= bytes.length;
      if (runsOut && !final) return { at, found: false };
      if (runsOut && (confirmed > 1 || this.#offset + at === 0)) return { at, found: true };
    }
    return { at, found: false };
  }
}
