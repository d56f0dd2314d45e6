import type { SpliceKind } from './contract.ts';
import { MediaIndex } from './media-index.ts';
import { PACKET_BYTES, PCR_TICKS_PER_MS, pcrOf, pidOf, startsUnit } from './packet.ts';
import { crc32 } from './psi.ts';
import type { Ring } from './ring.ts';
import { pcrDistance } from './timeline.ts';

/** Overlap that must be equal before two sources count as the same stream. */
const MIN_OVERLAP_BYTES = 64 * PACKET_BYTES;
/** A new source whose clock is ahead or behind by less than this is on the same timeline. */
const MAX_GAP_TICKS = 5 * 60_000 * PCR_TICKS_PER_MS;
/** Clock values in a row that are nowhere near the ring's, after which a source counts as another stream. */
const MAX_FOREIGN_PCRS = 64;
/** Bytes kept from the newest keyframe on, so that a cut can start there. */
const MAX_STAGED_BYTES = 4 * 1024 * 1024;

/** What the new source is compared with. */
export interface SpliceTarget {
  readonly ring: Ring;
  readonly index: MediaIndex;
  /** Ranges of the ring that no source sent (packets put in at earlier cuts), oldest first. */
  readonly inserted: readonly { readonly from: number; readonly to: number }[];
}

export interface Splice {
  readonly kind: SpliceKind;
  /** PAT and PMT to go first (not for exact). */
  readonly psi: Uint8Array;
  /** Bytes of the new source that go on from there. */
  readonly runs: readonly Uint8Array[];
  /** Bytes of the new source that were left out. */
  readonly droppedBytes: number;
  /** Media between the ring's head and where the new source goes on; undefined where their clocks cannot tell. */
  readonly skippedMs: number | undefined;
}

/**
 * Joins a new source to the ring. Fed with the new source's packets until it decides:
 *
 *   ring      ……p q r s t u v│head
 *   source        r s t u v│w x y     exact: equal from a common PCR up to the head, goes on with w
 *   source                        K…  gap: same clock, but ahead: starts at its first keyframe
 *   source    ?????K…                 cut: no match inside the bound: starts at its newest keyframe
 *
 * While the overlap is verified nothing is kept: what is equal is in the ring already.
 */
export class Splicer {
  readonly #target: SpliceTarget;
  readonly #maxSearchBytes: number;
  readonly #scout: MediaIndex;
  /** Ring place the next source packet must equal; -1 while searching for a common PCR. */
  #expected = -1;
  #verifiedBytes = 0;
  #seenBytes = 0;
  #ahead = false;
  #foreignPcrs = 0;
  #mayMatch: boolean;
  /** Places of the ring's unit starts by the hash of their packet, where there is no PCR to align by. */
  #unitStarts: ReadonlyMap<number, readonly number[]> | undefined;
  #staged: Uint8Array[] = [];
  /** Place (in the new source) of the first staged byte. */
  #stagedFrom = 0;
  #stagedBytes = 0;

  constructor(target: SpliceTarget, options: { maxSearchBytes: number; programNumber?: number | undefined }) {
    this.#target = target;
    this.#maxSearchBytes = options.maxSearchBytes;
    this.#scout = new MediaIndex({ programNumber: options.programNumber });
    this.#mayMatch = target.ring.head - target.ring.tail >= MIN_OVERLAP_BYTES;
    if (this.#mayMatch && !target.index.timeline.hasPcr) this.#unitStarts = unitStartsOf(target.ring);
  }

  /** Whether this source can still turn out to overlap the ring: the caller's time bound applies to that only. */
  get searching(): boolean {
    return this.#mayMatch && !this.#ahead;
  }

  /** Takes a run of whole packets; returns the splice once there is one. */
  push(run: Uint8Array, nowMs: number): Splice | undefined {
    if (this.searching) {
      const rest = this.#match(run);
      if (rest >= 0) {
        return {
          kind: 'exact',
          psi: new Uint8Array(0),
          runs: rest < run.length ? [run.subarray(rest)] : [],
          droppedBytes: this.#seenBytes + rest,
          skippedMs: 0,
        };
      }
    }
    this.#stage(run, nowMs);
    const { pcrPid } = this.#scout;
    const otherClock = pcrPid >= 0 && pcrPid !== this.#target.index.pcrPid;
    if (otherClock || this.#seenBytes > this.#maxSearchBytes) this.#mayMatch = false;
    return this.searching ? undefined : this.cut(false);
  }

  /**
   * The splice at a keyframe, given up looking for an overlap.
   *
   * @param anywhere settle for a packet boundary where there is no keyframe
   */
  cut(anywhere: boolean): Splice | undefined {
    this.#mayMatch = false;
    // Ahead, every packet left out is one more that clients miss.
    const keyframe = this.#ahead ? this.#scout.oldestKeyframe : this.#scout.newestKeyframe;
    if (keyframe !== undefined && keyframe.offset >= this.#stagedFrom) return this.#from(keyframe.offset, keyframe.psi);
    const audioOnly = this.#scout.program !== undefined && !this.#scout.expectsKeyframes;
    return anywhere || audioOnly ? this.#from(this.#stagedFrom, this.#scout.psi) : undefined;
  }

  #from(place: number, psi: Uint8Array): Splice {
    const whole = Buffer.concat(this.#staged);
    return {
      kind: this.#ahead ? 'gap' : 'cut',
      psi,
      runs: [whole.subarray(place - this.#stagedFrom)],
      droppedBytes: place,
      skippedMs: this.#ahead ? this.#skippedMs(place) : undefined,
    };
  }

  #skippedMs(place: number): number | undefined {
    const pcr = this.#scout.timeline.pcrFrom(place);
    return pcr < 0 ? undefined : pcrDistance(this.#target.index.timeline.lastPcr, pcr) / PCR_TICKS_PER_MS;
  }

  /** Keeps what a cut would need: from the newest keyframe on, or the newest bytes. */
  #stage(run: Uint8Array, nowMs: number): void {
    this.#scout.scan(run, this.#seenBytes, nowMs);
    this.#seenBytes += run.length;
    this.#staged.push(new Uint8Array(run));
    this.#stagedBytes += run.length;
    const keep = this.#scout.newestKeyframe?.offset ?? 0;
    for (let first = this.#staged[0]; first !== undefined && this.#staged.length > 1; first = this.#staged[0]) {
      const usable = this.#stagedFrom + first.length > keep;
      if (usable && this.#stagedBytes <= MAX_STAGED_BYTES) break;
      this.#staged.shift();
      this.#stagedFrom += first.length;
      this.#stagedBytes -= first.length;
    }
    this.#scout.dropBefore(this.#stagedFrom);
  }

  /** Offset in `run` of the first packet behind the ring's head once the whole overlap is verified; else -1. */
  #match(run: Uint8Array): number {
    let at = 0;
    while (at < run.length) {
      if (this.#expected < 0 && !this.#search(run, at)) {
        if (this.#ahead) return -1;
        at += PACKET_BYTES;
        continue;
      }
      const equal = this.#equalBytes(run, at);
      at += equal;
      this.#verifiedBytes += equal;
      this.#expected = this.#behindInsertions(this.#expected + equal);
      const complete = this.#expected === this.#target.ring.head;
      if (complete && this.#verifiedBytes >= MIN_OVERLAP_BYTES) return at;
      // Another packet than in the ring, or too little in common: the search goes on with this packet.
      if (equal === 0 || complete) {
        this.#expected = -1;
        this.#verifiedBytes = 0;
      }
    }
    return -1;
  }

  /** Where a packet is in the ring too, that is a place to compare from. */
  #search(run: Uint8Array, at: number): boolean {
    const places = this.#unitStarts === undefined ? this.#placesByPcr(run, at) : this.#placesByHash(run, at);
    this.#expected = places.findLast((place) => this.#packetEqual(run, at, place)) ?? -1;
    return this.#expected >= 0;
  }

  #placesByPcr(run: Uint8Array, at: number): readonly number[] {
    const { pcrPid, timeline } = this.#target.index;
    if (pidOf(run, at) !== pcrPid) return [];
    const pcr = pcrOf(run, at);
    if (pcr < 0) return [];
    const places = timeline.offsetsOfPcr(pcr);
    if (places.length === 0) this.#judge(pcr, timeline.lastPcr);
    return places;
  }

  #placesByHash(run: Uint8Array, at: number): readonly number[] {
    if (!startsUnit(run, at)) return [];
    return this.#unitStarts?.get(crc32(run.subarray(at, at + PACKET_BYTES))) ?? [];
  }

  /** What a clock value that the ring does not have says about the source. */
  #judge(pcr: number, headPcr: number): void {
    const aheadTicks = pcrDistance(headPcr, pcr);
    this.#ahead = aheadTicks > 0 && aheadTicks < MAX_GAP_TICKS;
    const isBehind = pcrDistance(pcr, headPcr) < MAX_GAP_TICKS;
    this.#foreignPcrs = isBehind ? 0 : this.#foreignPcrs + 1;
    if (this.#foreignPcrs > MAX_FOREIGN_PCRS) this.#mayMatch = false;
  }

  #packetEqual(run: Uint8Array, at: number, place: number): boolean {
    const view = this.#target.ring.view(place, PACKET_BYTES);
    return view.length === PACKET_BYTES && compare(run, at, view, PACKET_BYTES);
  }

  /** Length of the run of equal packets at `at`, at most to the end of a slab, of the ring, or of the next insertion. */
  #equalBytes(run: Uint8Array, at: number): number {
    const next = this.#target.inserted.find((range) => range.from > this.#expected);
    const room = Math.min(run.length - at, (next?.from ?? this.#target.ring.head) - this.#expected);
    const view = this.#target.ring.view(this.#expected, room);
    if (compare(run, at, view, view.length)) return view.length;
    let equal = 0;
    while (compare(run, at + equal, view.subarray(equal), PACKET_BYTES)) equal += PACKET_BYTES;
    return equal;
  }

  #behindInsertions(place: number): number {
    let behind = place;
    for (const { from, to } of this.#target.inserted) if (behind >= from && behind < to) behind = to;
    return behind;
  }
}

/** Unit starts are rare and differ from each other by their timestamps: one look at each is enough. */
function unitStartsOf(ring: Ring): ReadonlyMap<number, readonly number[]> {
  const places = new Map<number, number[]>();
  for (let from = ring.tail; from < ring.head; ) {
    const view = ring.view(from);
    for (let at = 0; at < view.length; at += PACKET_BYTES) {
      if (!startsUnit(view, at)) continue;
      const hash = crc32(view.subarray(at, at + PACKET_BYTES));
      const same = places.get(hash);
      if (same === undefined) places.set(hash, [from + at]);
      else same.push(from + at);
    }
    from += view.length;
  }
  return places;
}

function compare(run: Uint8Array, at: number, view: Uint8Array, length: number): boolean {
  return view.length >= length && Buffer.compare(run.subarray(at, at + length), view.subarray(0, length)) === 0;
}
