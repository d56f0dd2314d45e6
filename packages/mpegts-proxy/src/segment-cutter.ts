import { cutRule } from './cut-rule.ts';
import { KeyframeScanner } from './keyframe.ts';
import { LeadClock, type Unit } from './lead-clock.ts';
import { OpenPes } from './open-pes.ts';
import { type CutEvent, OpenSegment } from './open-segment.ts';
import {
  hasPayload,
  isDiscontinuity,
  PACKET_BYTES,
  PAT_PID,
  PCR_TICKS_PER_MS,
  pcrOf,
  pidOf,
  startsUnit,
} from './packet.ts';
import { pesTimes } from './pes-time.ts';
import { isSameLayout, type PidRole, type ProgramLayout, programLayout } from './program-layout.ts';
import { ProgramTables } from './program-tables.ts';
import type { Program } from './psi.ts';
import { pcrDistance } from './timeline.ts';

/** A step between two PCRs beyond this is another time base, or media that is missing. §2.7.2 wants one every 100 ms. */
const MAX_PCR_STEP_MS = 2_000;
/** PCRs that come a little out of order are no jump. */
const MAX_PCR_BACKSTEP_MS = 1_000;
/** A stream that shows no keyframe for so long is cut without. */
const MAX_KEYFRAME_WAIT_MS = 5_000;
/** The end of a PES is waited for so long; what comes later of it is in the wrong segment. */
const MAX_TAIL_MS = 1_000;
/** Video that is so far behind the audio does not lead any more. */
const ABSENT_AFTER_MS = 1_000;

export interface SegmentCutterOptions {
  readonly targetDurationMs: number;
  readonly partDurationMs: number;
  readonly programNumber?: number | undefined;
}

/** A place at which a segment may begin, and what came since; it becomes a cut, or is put behind what was there before. */
interface Candidate {
  readonly unit: Unit;
  readonly psi: Uint8Array;
  readonly mediaMs: number;
  readonly runs: { readonly bytes: Uint8Array; readonly from: number; to: number; readonly isTail: boolean }[];
}

/**
 * Cuts a transport stream into segments and parts. Pure: bytes in, events out, no clock but the one it is given.
 *
 *     … a a v v v│K a v a v v …     K: packet in which a keyframe's PES starts: known some packets later,
 *                └─ candidate ─┘       what comes meanwhile waits
 *     … a a v v v a│K v a v v …     cut: packets that complete an audio PES from before K go before it,
 *      segment n   │segment n+1     the order within each PID stays
 *
 * A segment ends where {@link cutRule} says so, or where the time base or the program changes: then the next one
 * begins at the next keyframe, as a discontinuity. Only packets of the program that is played get into segments.
 */
export class SegmentCutter {
  readonly #options: SegmentCutterOptions;
  #events: CutEvent[] = [];
  #tables: ProgramTables;
  #program: Program | undefined;
  #layout: ProgramLayout | undefined;
  #roles: ReadonlyMap<number, PidRole> = new Map([[PAT_PID, 'table']]);
  #scanner: KeyframeScanner | undefined;
  #clock = new LeadClock();
  readonly #pes = new OpenPes();
  #mediaMs = 0;
  #lastPcr = -1;
  #lastNowMs = -1;
  #offset = 0;
  /** From decoding to presentation of the newest keyframe: turns decoding times into presentation times. */
  #reorderMs = 0;
  #lastKeyframeMs: number | undefined;
  /** The unit that the scanner looks at. */
  #unit: Unit | undefined;
  #segment: OpenSegment | undefined;
  #candidate: Candidate | undefined;
  /** PIDs whose open PES began before the candidate or the cut. */
  readonly #tails = new Set<number>();
  /** The segment before the cut, until the tails are complete. */
  #closing: { readonly segment: OpenSegment; readonly endMs: number } | undefined;
  /** What became of the next segment meanwhile. */
  #held: CutEvent[] = [];
  #seekingSinceMs = 0;
  #sawLead = false;
  /** Tables have come among the media. Those put before a stream that is joined anywhere may be newer than its start. */
  #hasOwnTables = false;
  #broken = false;

  constructor(options: SegmentCutterOptions) {
    this.#options = options;
    this.#tables = new ProgramTables(options);
  }

  /** Media taken so far, by PCR, or by arrival where there is none; jumps of the time base left out. */
  get mediaMs(): number {
    return this.#mediaMs;
  }

  /** Takes a run of whole packets, which must never change afterwards. */
  push(run: Uint8Array, nowMs: number): CutEvent[] {
    if (this.#lastPcr < 0 && this.#lastNowMs >= 0) this.#mediaMs += Math.max(0, nowMs - this.#lastNowMs);
    this.#lastNowMs = nowMs;
    for (let at = 0; at < run.length; at += PACKET_BYTES) this.#packet(run, at);
    return this.#takeEvents();
  }

  /** The stream is over: what is open ends here. */
  finish(): CutEvent[] {
    this.#break();
    return this.#takeEvents();
  }

  #takeEvents(): CutEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #packet(run: Uint8Array, at: number): void {
    const pid = pidOf(run, at);
    this.#offset += PACKET_BYTES;
    if (isDiscontinuity(run, at)) this.#flagged(run, at, pid);
    let role = this.#roles.get(pid);
    if (role === undefined) return;
    if (role === 'table') {
      this.#table(run, at, pid);
      role = this.#roles.get(pid);
    }
    if (pid === this.#layout?.pcrPid) this.#pcr(run, at);
    if (role === 'pes') this.#pes.push(run, at, pid);
    if (startsUnit(run, at)) {
      if (role === 'lead') this.#leadUnit(run, at);
      else if (role === 'pes') this.#otherUnit(run, at, pid);
    }
    this.#put(run, at, pid);
    if (role === 'lead') this.#look(run, at);
  }

  // ── tables and time ────────────────────────────────────────────────────────────────────────────────────────────

  /** The stream says that it does not go on: our own mark of a splice, or a source's of a new time base. §2.4.3.4. */
  #flagged(run: Uint8Array, at: number, pid: number): void {
    const isMark = pid === PAT_PID && !hasPayload(run, at);
    if (isMark || (pid === this.#layout?.pcrPid && this.#lastPcr >= 0)) this.#break();
  }

  #table(run: Uint8Array, at: number, pid: number): void {
    if (this.#tables.push(run, at, pid).length === 0) return;
    this.#hasOwnTables = this.#sawLead;
    const { program } = this.#tables;
    if (program !== undefined && !(this.#program && isSameLayout(program, this.#program))) {
      if (this.#program !== undefined) this.#break();
      this.#program = program;
      this.#layout = programLayout(program);
      const { lead } = this.#layout;
      this.#scanner = lead?.kind === 'video' ? new KeyframeScanner(lead.codec) : undefined;
      this.#seekingSinceMs = this.#mediaMs;
    }
    const roles = new Map<number, PidRole>(this.#layout?.roles);
    for (const tablePid of this.#tables.pids) if (!roles.has(tablePid)) roles.set(tablePid, 'table');
    this.#roles = roles;
  }

  #pcr(run: Uint8Array, at: number): void {
    const pcr = pcrOf(run, at);
    if (pcr < 0) return;
    const last = this.#lastPcr;
    const stepMs = last < 0 ? 0 : pcrDistance(last, pcr) / PCR_TICKS_PER_MS;
    const backMs = last < 0 ? 0 : pcrDistance(pcr, last) / PCR_TICKS_PER_MS;
    if (stepMs <= MAX_PCR_STEP_MS) this.#mediaMs += stepMs;
    else if (backMs > MAX_PCR_BACKSTEP_MS) this.#break();
    this.#lastPcr = pcr;
    // Nothing to cut at has come for too long.
    const segment = this.#segment;
    if (segment !== undefined && this.#mediaMs - segment.startMediaMs > 2 * this.#options.targetDurationMs)
      this.#break();
  }

  #timeOf(unit: Unit): number {
    return unit.decodeMs + this.#reorderMs;
  }

  // ── units ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** An access unit of the stream that leads begins. */
  #leadUnit(run: Uint8Array, at: number): void {
    this.#release();
    this.#sawLead = true;
    let unit = this.#clock.unit(pesTimes(run, at), this.#mediaMs);
    if (unit === undefined) {
      this.#break();
      unit = this.#clock.unit(pesTimes(run, at), this.#mediaMs)!;
    }
    this.#unit = unit;
    if (this.#closing !== undefined && this.#timeOf(unit) > this.#closing.endMs + MAX_TAIL_MS) this.#finishClosing();
    const candidate: Candidate = { unit, psi: this.#tables.psi, mediaMs: this.#mediaMs, runs: [] };
    const isAlwaysKey = this.#scanner === undefined;
    const rule = this.#ruleAt(this.#timeOf(unit), this.#clock.stepMs);
    if (rule === 'no') this.#segment?.unit(this.#timeOf(unit), this.#clock.stepMs);
    else if (rule === 'must' || isAlwaysKey) this.#cut(candidate, this.#timeOf(unit), isAlwaysKey);
    else {
      this.#finishClosing();
      this.#markTails();
      this.#candidate = candidate;
    }
    if (isAlwaysKey) this.#segment?.keyframeBegan();
  }

  #ruleAt(timeMs: number, stepMs: number): ReturnType<typeof cutRule> {
    if (this.#segment === undefined) {
      if (this.#isTiredOfSeeking()) return 'must';
      // A keyframe has the tables that were in force there; elsewhere they have to be waited for.
      return this.#scanner !== undefined || this.#hasOwnTables ? 'at-keyframe' : 'no';
    }
    return cutRule({
      elapsedMs: timeMs - this.#segment.startMs,
      stepMs,
      keyframeDistanceMs: timeMs - (this.#lastKeyframeMs ?? timeMs),
      targetDurationMs: this.#options.targetDurationMs,
    });
  }

  #isTiredOfSeeking(): boolean {
    return this.#mediaMs - this.#seekingSinceMs >= MAX_KEYFRAME_WAIT_MS;
  }

  /** A PES of another stream begins: segments are cut here when the one that leads does not come. */
  #otherUnit(run: Uint8Array, at: number, pid: number): void {
    if (this.#candidate !== undefined) return;
    const timeMs = this.#clock.timeOf(pesTimes(run, at));
    if (timeMs === undefined || timeMs - this.#clock.endMs < ABSENT_AFTER_MS) return;
    if (this.#ruleAt(timeMs, ABSENT_AFTER_MS / 10) !== 'must') return;
    const unit = { decodeMs: timeMs, reorderMs: 0 };
    this.#cut({ unit, psi: this.#tables.psi, mediaMs: this.#mediaMs, runs: [] }, timeMs, false);
    this.#tails.delete(pid);
  }

  /** Looks whether the newest unit of the lead is a keyframe. */
  #look(run: Uint8Array, at: number): void {
    const scanner = this.#scanner;
    if (scanner === undefined || this.#unit === undefined) return;
    if (scanner.push(run, at, this.#offset) >= 0) this.#keyframe(this.#unit);
    else if (!scanner.isUndecided) this.#release();
  }

  #keyframe(unit: Unit): void {
    this.#reorderMs = unit.reorderMs;
    const timeMs = this.#timeOf(unit);
    this.#lastKeyframeMs = timeMs;
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate !== undefined) this.#cut(candidate, timeMs, true);
    else this.#segment?.keyframeBegan();
  }

  // ── cuts ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Ends the segment before a unit and begins the next one with it. */
  #cut(candidate: Candidate, timeMs: number, isKeyframe: boolean): void {
    if (candidate.runs.length === 0) {
      this.#finishClosing();
      this.#markTails();
    }
    if (this.#segment !== undefined) this.#closing = { segment: this.#segment, endMs: timeMs };
    const next: OpenSegment = new OpenSegment({
      discontinuity: this.#broken,
      startMs: timeMs,
      startMediaMs: candidate.mediaMs,
      psi: candidate.psi,
      partDurationMs: this.#options.partDurationMs,
      emit: (event) => {
        const isAhead = this.#closing !== undefined && this.#closing.segment !== next;
        (isAhead ? this.#held : this.#events).push(event);
      },
    });
    this.#broken = false;
    for (const { bytes, from, to, isTail } of candidate.runs) {
      if (!isTail) next.add(bytes, from, to);
      else this.#closing?.segment.add(bytes, from, to);
    }
    this.#segment = next;
    if (isKeyframe) next.keyframeBegan();
    if (this.#tails.size === 0) this.#finishClosing();
  }

  /** The candidate is none: what waited goes on behind the rest. */
  #release(): void {
    const candidate = this.#candidate;
    if (candidate === undefined) return;
    this.#candidate = undefined;
    this.#tails.clear();
    this.#segment?.unit(this.#timeOf(candidate.unit), this.#clock.stepMs);
    for (const { bytes, from, to } of candidate.runs) this.#segment?.add(bytes, from, to);
  }

  #finishClosing(): void {
    this.#closing?.segment.end(this.#closing.endMs);
    this.#closing = undefined;
    this.#events.push(...this.#held.splice(0));
    this.#tails.clear();
  }

  /** At a first segment, what belongs to a PES that nobody saw the start of is left out, too. */
  #markTails(): void {
    this.#tails.clear();
    for (const pid of this.#layout?.pesPids ?? []) {
      const isUnseen = this.#segment === undefined && !this.#pes.hasStarted(pid);
      if (isUnseen || this.#pes.isOpen(pid)) this.#tails.add(pid);
    }
  }

  /** Nothing leads on from here: ends what is open, and looks for a keyframe to begin again. */
  #break(): void {
    this.#release();
    this.#finishClosing();
    if (this.#segment !== undefined) {
      this.#segment.end(this.#clock.endMs + this.#reorderMs);
      this.#segment = undefined;
      this.#broken = true;
    }
    this.#clock = new LeadClock();
    this.#pes.clear();
    this.#unit = undefined;
    this.#lastPcr = -1;
    this.#lastKeyframeMs = undefined;
    this.#sawLead = false;
    this.#hasOwnTables = false;
    this.#seekingSinceMs = this.#mediaMs;
  }

  // ── packets ────────────────────────────────────────────────────────────────────────────────────────────────────

  #put(run: Uint8Array, at: number, pid: number): void {
    const to = at + PACKET_BYTES;
    const isTail = this.#tails.has(pid) && !startsUnit(run, at);
    if (this.#candidate !== undefined) this.#wait(this.#candidate, run, at, isTail);
    else if (!isTail) this.#segment?.add(run, at, to);
    else this.#closing?.segment.add(run, at, to);
    if (!this.#tails.has(pid)) return;
    if (isTail && (this.#pes.isOpen(pid) || !this.#pes.hasStarted(pid))) return;
    this.#tails.delete(pid);
    if (this.#tails.size === 0 && this.#candidate === undefined) this.#finishClosing();
  }

  #wait({ runs }: Candidate, run: Uint8Array, at: number, isTail: boolean): void {
    const last = runs.at(-1);
    if (last !== undefined && last.bytes === run && last.to === at && last.isTail === isTail) last.to += PACKET_BYTES;
    else runs.push({ bytes: run, from: at, to: at + PACKET_BYTES, isTail });
  }
}
