import { OpenPes } from './open-pes.ts';
import { type CutEvent, OpenSegment } from './open-segment.ts';
import { PACKET_BYTES, startsUnit } from './packet.ts';

/** A place at which a segment may begin. */
export interface CutPlace {
  /** PAT and PMT in force there. */
  readonly psi: Uint8Array;
  readonly mediaMs: number;
}

/** Packets that came since a place that is not decided upon: they go behind a cut, or behind what was there before. */
interface Waiting {
  readonly place: CutPlace;
  readonly runs: { readonly bytes: Uint8Array; readonly from: number; to: number; readonly isTail: boolean }[];
}

/**
 * Puts each packet into the segment that it belongs to, where one segment goes over into the next.
 *
 *     … a a v v v v│K a v a v v …     K: packet in which a keyframe's PES starts: known some packets later,
 *                  └ waiting ─┘       what comes meanwhile waits
 *     … a a v v v a│K v a v v …       cut: packets that complete an audio PES from before K go before it,
 *      segment n   │segment n+1       the order within each PID stays
 */
export class SegmentJoint {
  readonly #partDurationMs: number;
  readonly #pes = new OpenPes();
  /** PIDs whose PES packets must not be torn apart. */
  #pesPids: readonly number[] = [];
  #events: CutEvent[] = [];
  #segment: OpenSegment | undefined;
  #waiting: Waiting | undefined;
  /** PIDs whose open PES began before the place or the cut. */
  readonly #tails = new Set<number>();
  /** The segment before the cut, until the tails are complete. */
  #closing: { readonly segment: OpenSegment; readonly endMs: number } | undefined;
  /** What became of the next segment meanwhile. */
  #held: CutEvent[] = [];
  /** What comes next does not follow on what was there before. */
  #broken = false;

  constructor(partDurationMs: number) {
    this.#partDurationMs = partDurationMs;
  }

  /** The segment that is being filled. */
  get segment(): OpenSegment | undefined {
    return this.#segment;
  }

  /** When the segment before the newest cut ends; undefined once it is complete. */
  get closingEndMs(): number | undefined {
    return this.#closing?.endMs;
  }

  /** Another program: these are its PES streams beside the one that leads. */
  follow(pesPids: readonly number[]): void {
    this.#pesPids = pesPids;
  }

  takeEvents(): CutEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  /** Takes notice of a packet of a PES stream beside the one that leads, before it is {@link put} where it belongs. */
  track(run: Uint8Array, at: number, pid: number): void {
    this.#pes.push(run, at, pid);
  }

  /** What comes from here on waits for {@link cutWhereItWaits} or {@link release}. */
  wait(place: CutPlace): void {
    this.complete();
    this.#markTails();
    this.#waiting = { place, runs: [] };
  }

  /** It was no place to cut at: what waited goes on behind the rest. */
  release(timeMs: number, stepMs: number): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#tails.clear();
    this.#segment?.unit(timeMs, stepMs);
    for (const { bytes, from, to } of waiting.runs) this.#segment?.add(bytes, from, to);
  }

  /** Ends the segment at the place that waits and begins the next one with it. */
  cutWhereItWaits(timeMs: number): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    const next = this.#begin(waiting.place, timeMs);
    for (const { bytes, from, to, isTail } of waiting.runs) {
      if (!isTail) next.add(bytes, from, to);
      else this.#closing?.segment.add(bytes, from, to);
    }
    if (this.#tails.size === 0) this.complete();
  }

  /** Ends the segment here and begins the next one. */
  cut(place: CutPlace, timeMs: number): void {
    this.complete();
    this.#markTails();
    this.#begin(place, timeMs);
    if (this.#tails.size === 0) this.complete();
  }

  #begin(place: CutPlace, timeMs: number): OpenSegment {
    if (this.#segment !== undefined) this.#closing = { segment: this.#segment, endMs: timeMs };
    const next: OpenSegment = new OpenSegment({
      discontinuity: this.#broken,
      startMs: timeMs,
      startMediaMs: place.mediaMs,
      psi: place.psi,
      partDurationMs: this.#partDurationMs,
      emit: (event) => {
        const isAhead = this.#closing !== undefined && this.#closing.segment !== next;
        (isAhead ? this.#held : this.#events).push(event);
      },
    });
    this.#broken = false;
    this.#segment = next;
    return next;
  }

  /** Nothing more goes into the segment before the cut. */
  complete(): void {
    this.#closing?.segment.end(this.#closing.endMs);
    this.#closing = undefined;
    this.#events.push(...this.#held.splice(0));
    this.#tails.clear();
  }

  /** Ends what is open; the next segment does not follow on it. */
  end(timeMs: number): void {
    this.complete();
    this.#pes.clear();
    if (this.#segment === undefined) return;
    this.#segment.end(timeMs);
    this.#segment = undefined;
    this.#broken = true;
  }

  /** Takes a packet of the program. */
  put(run: Uint8Array, at: number, pid: number): void {
    const isTail = this.#tails.has(pid) && !startsUnit(run, at);
    if (this.#waiting !== undefined) this.#keep(this.#waiting, run, at, isTail);
    else if (!isTail) this.#segment?.add(run, at, at + PACKET_BYTES);
    else this.#closing?.segment.add(run, at, at + PACKET_BYTES);
    if (!this.#tails.has(pid)) return;
    if (isTail && (this.#pes.isOpen(pid) || !this.#pes.hasStarted(pid))) return;
    this.#tails.delete(pid);
    if (this.#tails.size === 0 && this.#waiting === undefined) this.complete();
  }

  #keep({ runs }: Waiting, run: Uint8Array, at: number, isTail: boolean): void {
    const last = runs.at(-1);
    if (last !== undefined && last.bytes === run && last.to === at && last.isTail === isTail) last.to += PACKET_BYTES;
    else runs.push({ bytes: run, from: at, to: at + PACKET_BYTES, isTail });
  }

  /** At a first segment, what belongs to a PES that nobody saw the start of is left out, too. */
  #markTails(): void {
    this.#tails.clear();
    for (const pid of this.#pesPids) {
      const isUnseen = this.#segment === undefined && !this.#pes.hasStarted(pid);
      if (isUnseen || this.#pes.isOpen(pid)) this.#tails.add(pid);
    }
  }
}
