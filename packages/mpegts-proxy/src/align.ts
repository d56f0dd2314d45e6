import { PACKET_BYTES, SYNC_BYTE } from './packet.ts';

/** From one sync byte to the next, and how many in a row must be right before a place counts as the start of a packet. */
interface Spacing {
  readonly bytes: number;
  readonly syncs: number;
}

const PLAIN: Spacing = { bytes: PACKET_BYTES, syncs: 3 };
/**
 * Recorders put a time of four bytes before each packet (BDAV), demodulators leave 16 bytes of error correction behind it
 * (ETSI EN 300 429). These are rare, and the time may have a sync byte itself, for half a second: more of them must be
 * right, and begin like undamaged packets.
 */
const SPACINGS: readonly Spacing[] = [PLAIN, { bytes: 192, syncs: 6 }, { bytes: 204, syncs: 6 }];
/** Bytes without a packet after which a body counts as something else than a transport stream. */
const MAX_SEARCH_BYTES = 64 * 1024;

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Turns arbitrary splits of a transport stream into runs of whole packets. What is not part of a packet (a start in the
 * middle of one, junk, lost bytes) is dropped until the sync byte stands at three packet distances again. What stands
 * between packets of 192 or 204 bytes is dropped as well.
 *
 *   chunks  ··47………|……47…|……x47………     runs   47………47……  47………
 */
export class Aligner {
  /** Bytes that do not make a packet, or no certain one, yet. */
  #carry: Uint8Array = NO_BYTES;
  #inSync = false;
  #spacing = PLAIN;
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
        if (found.spacing === undefined) break;
        this.#spacing = found.spacing;
        this.#inSync = true;
        this.everInSync = true;
      }
      const end = endOfRun(bytes, at, this.#spacing.bytes);
      if (end > at) emit(this.#packets(bytes.subarray(at, end)));
      at = end;
      if (at < bytes.length && bytes[at] !== SYNC_BYTE) this.#loseSync();
      else break;
    }
    this.#carry = at < bytes.length ? new Uint8Array(bytes.subarray(at)) : NO_BYTES;
  }

  /** A run without what stands between its packets. */
  #packets(run: Uint8Array): Uint8Array {
    const { bytes: step } = this.#spacing;
    if (step === PACKET_BYTES) return run;
    const packets = new Uint8Array((run.length / step) * PACKET_BYTES);
    for (let from = 0, to = 0; from < run.length; from += step, to += PACKET_BYTES) {
      packets.set(run.subarray(from, from + PACKET_BYTES), to);
    }
    return packets;
  }

  #loseSync(): void {
    this.#inSync = false;
    this.resyncs++;
  }

  /** Completes the carried packet from the chunk's start, so that the rest of the chunk is used in place. */
  #joinCarry(chunk: Uint8Array, emit: (run: Uint8Array) => void): Uint8Array {
    const missing = PACKET_BYTES - this.#carry.length;
    if (this.#inSync && this.#spacing === PLAIN && chunk.length > missing && chunk[missing] === SYNC_BYTE) {
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
function endOfRun(bytes: Uint8Array, at: number, step: number): number {
  let end = at;
  while (end + step <= bytes.length && bytes[end] === SYNC_BYTE) end += step;
  return end;
}

/**
 * The first place from which sync bytes stand at the distance of packets, and what that is. Where the bytes end before
 * that can be told, the first place that may still turn out to be one.
 */
function findSync(bytes: Uint8Array, from: number): { at: number; spacing?: Spacing } {
  for (let at = from; at < bytes.length; at++) {
    if (bytes[at] !== SYNC_BYTE) continue;
    let mayBe = false;
    for (const spacing of SPACINGS) {
      let matched = 0;
      while (matched < spacing.syncs && startsPacket(bytes, at + matched * spacing.bytes, spacing)) matched++;
      if (matched === spacing.syncs) return { at, spacing };
      mayBe ||= at + matched * spacing.bytes >= bytes.length;
    }
    if (mayBe) return { at };
  }
  return { at: bytes.length };
}

function startsPacket(bytes: Uint8Array, at: number, spacing: Spacing): boolean {
  if (bytes[at] !== SYNC_BYTE) return false;
  // No transport error, and an adaptation field or a payload; what is not there yet is taken for right.
  return spacing === PLAIN || (((bytes[at + 1] ?? 0) & 0x80) === 0 && ((bytes[at + 3] ?? 0x10) & 0x30) !== 0);
}
