import { CountLog } from './count-log.ts';
import { BUCKET_COUNT } from './duration-buckets.ts';

/** What one slot holds: five doubles. */
const COUNT = 0;
const SUCCESS_COUNT = 1;
const SUM_MS = 2;
const MIN_MS = 3;
const MAX_MS = 4;
const SLOT_FIELDS = 5;

/** What was recorded in a window, exact. `minMs` is infinite while `count` is 0. */
export interface WindowTotals {
  readonly count: number;
  readonly successCount: number;
  readonly sumMs: number;
  readonly minMs: number;
  readonly maxMs: number;
}

type MutableTotals = { -readonly [Field in keyof WindowTotals]: WindowTotals[Field] };

function emptyTotals(): MutableTotals {
  return { count: 0, successCount: 0, sumMs: 0, minMs: Number.POSITIVE_INFINITY, maxMs: 0 };
}

/**
 * The records of one operation, second by second, for the retention.
 *
 *                          oldest                     newest
 *   slots    count, sum, … ├ −900 ┼ −899 ┼ … ┼ −2 ┼ −1 ┤ running second      five doubles each
 *   buckets                └─────── CountLog ─────────┘ #running, dense
 *                          └──── #sealed, dense sum ──┘
 *
 * A second is packed into the log once, when the next one starts. Any window is then the running second plus the newest
 * seconds of the log, or plus the dense sum minus the oldest ones, whichever is shorter.
 */
export class SecondsRing {
  readonly #slotCount: number;
  readonly #slots: Float64Array;
  readonly #logBytes: Uint16Array;
  readonly #log: CountLog = new CountLog();
  readonly #sealed = new Float64Array(BUCKET_COUNT);
  readonly #running = new Uint32Array(BUCKET_COUNT);
  #second: number;
  #slot = 0;

  /** Starts empty, with `second` as the running second. */
  constructor(retentionSeconds: number, second: number) {
    this.#slotCount = retentionSeconds + 1;
    this.#slots = new Float64Array(this.#slotCount * SLOT_FIELDS);
    this.#logBytes = new Uint16Array(this.#slotCount);
    this.#second = second;
    for (let slot = 0; slot < this.#slotCount; slot++) this.#clear(slot);
  }

  /** Bytes of memory held by the counters. */
  get memoryBytes(): number {
    const { byteLength } = this.#slots;
    return (
      byteLength +
      this.#logBytes.byteLength +
      this.#sealed.byteLength +
      this.#running.byteLength +
      this.#log.capacityBytes
    );
  }

  /** Counts one record in `second`, which is not before any second seen. */
  add(second: number, bucket: number, durationMs: number, ok: boolean): void {
    if (second > this.#second) this.#advance(second);
    const slots = this.#slots;
    const at = this.#slot * SLOT_FIELDS;
    this.#running[bucket]!++;
    slots[at + COUNT]!++;
    if (ok) slots[at + SUCCESS_COUNT]!++;
    slots[at + SUM_MS]! += durationMs;
    if (durationMs < slots[at + MIN_MS]!) slots[at + MIN_MS] = durationMs;
    if (durationMs > slots[at + MAX_MS]!) slots[at + MAX_MS] = durationMs;
  }

  /** Overwrites `counts` with the bucket counts of `second` and the `windowSeconds` before it, and returns the totals. */
  read(second: number, windowSeconds: number, counts: Float64Array): WindowTotals {
    if (second > this.#second) this.#advance(second);
    const sealedSeconds = this.#slotCount - 1;
    counts.set(this.#running);
    if (windowSeconds * 2 <= sealedSeconds) {
      this.#addSealed(counts, sealedSeconds - windowSeconds, sealedSeconds, 1);
    } else {
      for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) counts[bucket]! += this.#sealed[bucket]!;
      this.#addSealed(counts, 0, sealedSeconds - windowSeconds, -1);
    }
    return this.#totals(windowSeconds);
  }

  /**
   * Reads `steps` steps of `stepSeconds` whole seconds each, the last of which ends before `endSecond`, oldest first, in
   * one pass over the log. `counts` is overwritten for each and is `visit`'s until it returns. `endSecond` is at most
   * `second`, and the first step begins within the retention.
   */
  readSteps(
    range: {
      readonly second: number;
      readonly endSecond: number;
      readonly stepSeconds: number;
      readonly steps: number;
    },
    counts: Float64Array,
    visit: (totals: WindowTotals) => void,
  ): void {
    const { second, endSecond, stepSeconds, steps } = range;
    if (second > this.#second) this.#advance(second);
    const oldest = this.#second - (this.#slotCount - 1);
    const first = endSecond - steps * stepSeconds;
    let offset = 0;
    for (let sealed = oldest; sealed < first; sealed++) offset += this.#logBytes[this.#slotOf(sealed)]!;
    for (let begin = first; begin < endSecond; begin += stepSeconds) {
      const totals = emptyTotals();
      counts.fill(0);
      for (let sealed = begin; sealed < begin + stepSeconds; sealed++) {
        const slot = this.#slotOf(sealed);
        const length = this.#logBytes[slot]!;
        this.#log.addTo(counts, offset, length, 1);
        offset += length;
        this.#addSlot(totals, slot);
      }
      visit(totals);
    }
  }

  #totals(windowSeconds: number): WindowTotals {
    const totals = emptyTotals();
    for (let age = 0; age <= windowSeconds; age++) this.#addSlot(totals, this.#slotOf(this.#second - age));
    return totals;
  }

  /** Of a second that is kept. */
  #slotOf(second: number): number {
    return (this.#slot - (this.#second - second) + this.#slotCount) % this.#slotCount;
  }

  #addSlot(totals: MutableTotals, slot: number): void {
    const slots = this.#slots;
    const at = slot * SLOT_FIELDS;
    totals.count += slots[at + COUNT]!;
    totals.successCount += slots[at + SUCCESS_COUNT]!;
    totals.sumMs += slots[at + SUM_MS]!;
    totals.minMs = Math.min(totals.minMs, slots[at + MIN_MS]!);
    totals.maxMs = Math.max(totals.maxMs, slots[at + MAX_MS]!);
  }

  /** Adds the sealed seconds `from` up to, not including, `to` (0 is the oldest). */
  #addSealed(counts: Float64Array, from: number, to: number, weight: 1 | -1): void {
    let offset = 0;
    for (let index = 0; index < to; index++) {
      const length = this.#logBytes[(this.#slot + 1 + index) % this.#slotCount]!;
      if (index >= from) this.#log.addTo(counts, offset, length, weight);
      offset += length;
    }
  }

  #advance(second: number): void {
    this.#seal();
    const elapsed = Math.min(second - this.#second, this.#slotCount);
    for (let step = 0; step < elapsed; step++) {
      this.#slot = (this.#slot + 1) % this.#slotCount;
      this.#forget(this.#slot);
    }
    this.#second = second;
  }

  #seal(): void {
    if (this.#slots[this.#slot * SLOT_FIELDS + COUNT] === 0) return;
    this.#logBytes[this.#slot] = this.#log.append(this.#running);
    for (let bucket = 0; bucket < BUCKET_COUNT; bucket++) this.#sealed[bucket]! += this.#running[bucket]!;
    this.#running.fill(0);
  }

  #forget(slot: number): void {
    const length = this.#logBytes[slot]!;
    this.#log.addTo(this.#sealed, 0, length, -1);
    this.#log.drop(length);
    this.#clear(slot);
  }

  #clear(slot: number): void {
    const at = slot * SLOT_FIELDS;
    this.#logBytes[slot] = 0;
    this.#slots.fill(0, at, at + SLOT_FIELDS);
    this.#slots[at + MIN_MS] = Number.POSITIVE_INFINITY;
  }
}
