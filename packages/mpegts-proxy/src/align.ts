import { PACKET_BYTES, SYNC_BYTE } from './packet.ts';

/** Packets in a row whose sync bytes must be right before a place counts as the start of one. */
const SYNC_PACKETS = 3;
/** Bytes without a packet after which a body counts as something else than a transport stream. */
const MAX_SEARCH_BYTES = 64 * 1024;

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Turns arbitrary splits of a transport stream into runs of whole packets. What is not part of a packet (a start in the
 * middle of one, junk, lost bytes) is dropped until the sync byte stands at three packet distances again.
 *
 *   chunks  ··47………|……47…|……x47………     runs   47………47……  47………
 */
export class Aligner {
  /** Bytes that do not make a packet, or no certain one, yet. */
  #carry: Uint8Array = NO_BYTES;
  #inSync = false;
  /** Whether a run of packets was ever found. */
  everInSync = false;
  resyncs = 0;
  droppedBytes = 0;

  /** Whether so much was searched without finding a packet that this is no transport stream. */
  get hopeless(): boolean {
    return !this.everInSync && this.droppedBytes > MAX_SEARCH_BYTES;
  }

  /** Calls `emit` with runs of whole packets, in order: views of `chunk` or of a copy, valid only during the call. */
  push(chunk: Uint8Array, emit: (run: Uint8Array) => void): void {
    let bytes = chunk;
    if (this.#carry.length > 0) bytes = this.#joinCarry(chunk, emit);
    let at = 0;
    while (at < bytes.length) {
      if (!this.#inSync) {
        const found = findSync(bytes, at);
        this.droppedBytes += found.at - at;
        at = found.at;
        if (!found.certain) break;
        this.#inSync = true;
        this.everInSync = true;
      }
      const end = endOfRun(bytes, at);
      if (end > at) emit(bytes.subarray(at, end));
      at = end;
      if (at < bytes.length && bytes[at] !== SYNC_BYTE) this.#loseSync();
      else break;
    }
    this.#carry = at < bytes.length ? new Uint8Array(bytes.subarray(at)) : NO_BYTES;
  }

  #loseSync(): void {
    this.#inSync = false;
    this.resyncs++;
  }

  /** Completes the carried packet from the chunk's start, so that the rest of the chunk is used in place. */
  #joinCarry(chunk: Uint8Array, emit: (run: Uint8Array) => void): Uint8Array {
    const missing = PACKET_BYTES - this.#carry.length;
    if (this.#inSync && chunk.length > missing && chunk[missing] === SYNC_BYTE) {
      const packet = new Uint8Array(PACKET_BYTES);
      packet.set(this.#carry);
      packet.set(chunk.subarray(0, missing), this.#carry.length);
      emit(packet);
      return chunk.subarray(missing);
    }
    const joined = new Uint8Array(this.#carry.length + chunk.length);
    joined.set(this.#carry);
    joined.set(chunk, this.#carry.length);
    return joined;
  }
}

/** End of the run of whole packets that starts at `at`. */
function endOfRun(bytes: Uint8Array, at: number): number {
  let end = at;
  while (end + PACKET_BYTES <= bytes.length && bytes[end] === SYNC_BYTE) end += PACKET_BYTES;
  return end;
}

/**
 * The first place from which {@link SYNC_PACKETS} sync bytes stand at packet distance. Where the bytes end before that
 * can be told, the first place that may still turn out to be one, not `certain`.
 */
function findSync(bytes: Uint8Array, from: number): { at: number; certain: boolean } {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== SYNC_BYTE) continue;
    let matched = 1;
    while (matched < SYNC_PACKETS && bytes[at + matched * PACKET_BYTES] === SYNC_BYTE) matched++;
    if (matched === SYNC_PACKETS) return { at, certain: true };
    if (at + matched * PACKET_BYTES >= bytes.length) return { at, certain: false };
  }
  return { at: bytes.length, certain: false };
}
