import { CLOCK_WRAP, modulo } from '../playout/timeline.ts';
import { readPcr } from '../playout/timestamps.ts';
import { PacketSplitter } from './packet-splitter.ts';

const WRAP_TICKS = CLOCK_WRAP * 300;
const TICKS_PER_MS = 27_000;

/**
 * How much media a player would have in hand: media delivered (the advance of the PCR) minus the wall time since the
 * first byte. Below zero a player that shows every byte at once has run dry.
 *
 * Only forward steps of at most `maxStepMs` count as media. A larger step is media that was lost, a step back is media
 * that was sent before; both count as jumps and add nothing. Media is counted up to the last PCR, so a stream that comes
 * exactly in time shows one PCR interval below zero.
 */
export class BufferMeter {
  /**
   * The least there was in hand just before a chunk arrived; `Infinity` before the second chunk. It starts near zero:
   * to learn how low the buffer fell later, call `resetMinimum` after the start burst.
   */
  minBufferedMs: number = Number.POSITIVE_INFINITY;
  /** When that was, on the caller's clock. */
  driestAtMs: number | undefined;
  /** Media received so far. */
  mediaMs = 0;
  /** Steps of the PCR that were not media. */
  jumps = 0;
  readonly #maxStepTicks: number;
  readonly #splitter: PacketSplitter;
  #firstMs: number | undefined;
  #pid: number | undefined;
  #lastPcr: number | undefined;

  constructor({ maxStepMs = 1000 }: { readonly maxStepMs?: number } = {}) {
    this.#maxStepTicks = maxStepMs * TICKS_PER_MS;
    this.#splitter = new PacketSplitter((bytes, at) => this.#packet(bytes, at));
  }

  /** Takes a chunk of any size that arrived at `atMs` (any clock that runs forward). */
  push(chunk: Uint8Array, atMs: number): void {
    if (this.#firstMs !== undefined) this.#note(atMs);
    this.#firstMs ??= atMs;
    this.#splitter.push(chunk);
  }

  /** Media in hand at `nowMs`. To be called at the end too: a stream that went silent shows only here. */
  bufferedMs(nowMs: number): number {
    return this.mediaMs - (nowMs - (this.#firstMs ?? nowMs));
  }

  /** Forgets the minimum so far. */
  resetMinimum(): void {
    this.minBufferedMs = Number.POSITIVE_INFINITY;
    this.driestAtMs = undefined;
  }

  /** Ends the measurement: what is in hand now counts for the minimum. Returns the minimum. */
  finish(nowMs: number): number {
    this.#note(nowMs);
    return this.minBufferedMs;
  }

  #note(nowMs: number): void {
    const buffered = this.bufferedMs(nowMs);
    if (buffered >= this.minBufferedMs) return;
    this.minBufferedMs = buffered;
    this.driestAtMs = nowMs;
  }

  #packet(bytes: Uint8Array, at: number): void {
    if (!(bytes[at + 3]! & 0x20) || bytes[at + 4]! < 7 || !(bytes[at + 5]! & 0x10)) return;
    const pid = ((bytes[at + 1]! & 0x1f) << 8) | bytes[at + 2]!;
    this.#pid ??= pid;
    if (pid !== this.#pid) return;
    const pcr = readPcr(bytes, at + 6);
    const step = this.#lastPcr === undefined ? 0 : modulo(pcr - this.#lastPcr, WRAP_TICKS);
    this.#lastPcr = pcr;
    if (step <= this.#maxStepTicks) this.mediaMs += step / TICKS_PER_MS;
    else this.jumps++;
  }
}
