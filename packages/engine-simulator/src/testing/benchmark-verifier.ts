import { readDueMs, readSequence } from '../playout/benchmark-stamp.ts';
import type { Playout } from '../playout/playout.ts';
import { PACKET_BYTES } from '../playout/timeline.ts';
import { PacketSplitter } from './packet-splitter.ts';

/** What became of a benchmark stream on its way. */
export interface BenchmarkReport {
  /** Stamped packets received, without the tables a join begins with. */
  readonly packets: number;
  readonly firstSequence: number | undefined;
  readonly lastSequence: number | undefined;
  /** Sequence numbers that were passed over. */
  readonly lost: number;
  /** Packets whose number was not above all before it: repeated, or overtaken (and then counted as lost before). */
  readonly reordered: number;
  /** Packets that differ from what was sent; 0 unless a playout was given to compare with. */
  readonly corrupted: number;
  /** Packets without a stamp: null packets, discontinuity packets, packets of another stream. */
  readonly foreign: number;
  /** Bytes that were part of no packet. */
  readonly strayBytes: number;
  /** The newest and the oldest packet on arrival, wall time minus due time; `undefined` without arrival times. */
  readonly ageMs: { readonly min: number; readonly max: number } | undefined;
}

/** Options of a verifier. */
export interface BenchmarkVerifierOptions {
  /** Compare every packet with what this playout sends. Default: sequence numbers only. */
  readonly playout?: Playout;
}

/** Checks a benchmark stream as it arrives, in chunks of any size: every packet once, in order, unchanged. */
export class BenchmarkVerifier {
  readonly #playout: Playout | undefined;
  readonly #splitter: PacketSplitter;
  #packets = 0;
  #first: number | undefined;
  #highest = 0;
  #lost = 0;
  #reordered = 0;
  #corrupted = 0;
  #foreign = 0;
  #age: { min: number; max: number } | undefined;
  #arrivalMs: number | undefined;

  constructor(options: BenchmarkVerifierOptions = {}) {
    this.#playout = options.playout;
    this.#splitter = new PacketSplitter((bytes, at) => this.#packet(bytes, at));
  }

  /** @param arrivalMs Unix ms; given, the age of the packets is measured. */
  push(chunk: Uint8Array, arrivalMs?: number): void {
    this.#arrivalMs = arrivalMs;
    this.#splitter.push(chunk);
  }

  /** To be called once, after the last chunk. */
  finish(): BenchmarkReport {
    const trailing = this.#splitter.finish();
    const skipped = this.#splitter.syncLosses.reduce((sum, loss) => sum + loss.skippedBytes, 0);
    return {
      packets: this.#packets,
      firstSequence: this.#first,
      lastSequence: this.#first === undefined ? undefined : this.#highest,
      lost: this.#lost,
      reordered: this.#reordered,
      corrupted: this.#corrupted,
      foreign: this.#foreign,
      strayBytes: this.#splitter.leadingBytes + skipped + trailing,
      ageMs: this.#age,
    };
  }

  #packet(bytes: Uint8Array, at: number): void {
    const sequence = readSequence(bytes, at);
    if (sequence === undefined) {
      this.#foreign++;
      return;
    }
    if (this.#first === undefined) {
      // A join begins with tables from before the keyframe: the stream proper starts at the first video packet.
      if (!isVideo(bytes, at)) return;
      this.#first = sequence;
      this.#highest = sequence - 1;
    }
    this.#packets++;
    if (sequence <= this.#highest) this.#reordered++;
    else {
      this.#lost += sequence - this.#highest - 1;
      this.#highest = sequence;
    }
    if (this.#playout && !sameBytes(bytes, at, this.#playout.read(sequence * PACKET_BYTES, PACKET_BYTES))) {
      this.#corrupted++;
    }
    if (this.#arrivalMs !== undefined) this.#noteAge(this.#arrivalMs - readDueMs(bytes, at));
  }

  #noteAge(age: number): void {
    this.#age ??= { min: age, max: age };
    this.#age.min = Math.min(this.#age.min, age);
    this.#age.max = Math.max(this.#age.max, age);
  }
}

/** Checks a whole benchmark stream. */
export function verifyBenchmark(
  chunks: Uint8Array | Iterable<Uint8Array>,
  options: BenchmarkVerifierOptions = {},
): BenchmarkReport {
  const verifier = new BenchmarkVerifier(options);
  for (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) verifier.push(chunk);
  return verifier.finish();
}

/** Whether the packet is of the video PID of benchmark streams, 0x100. */
function isVideo(bytes: Uint8Array, at: number): boolean {
  return (bytes[at + 1]! & 0x1f) === 1 && bytes[at + 2] === 0;
}

function sameBytes(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  return Buffer.compare(bytes.subarray(at, at + PACKET_BYTES), expected) === 0;
}
