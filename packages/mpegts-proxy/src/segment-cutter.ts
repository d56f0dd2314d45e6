import { cutRule } from './cut-rule.ts';
import { KeyframeScanner } from './keyframe.ts';
import { LeadClock, type Unit } from './lead-clock.ts';
import type { CutEvent } from './open-segment.ts';
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
import { type CutPlace, SegmentJoint } from './segment-joint.ts';
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

/**
 * Cuts a transport stream into segments and parts. Pure: bytes in, events out, no clock but the one it is given.
 *
 * A segment ends where {@link cutRule} says so, or where the time base or the program changes: then the next one
 * begins at the next keyframe, as a discontinuity. Only packets of the program that is played get into segments; which
 * of two segments a packet belongs to is for the {@link SegmentJoint} to know.
 */
export class SegmentCutter {
  readonly #options: SegmentCutterOptions;
  readonly #joint: SegmentJoint;
  #tables: ProgramTables;
  #program: Program | undefined;
  #layout: ProgramLayout | undefined;
  #roles: ReadonlyMap<number, PidRole> = new Map([[PAT_PID, 'table']]);
  #scanner: KeyframeScanner | undefined;
  #clock = new LeadClock();
  #mediaMs = 0;
  #lastPcr = -1;
  #lastNowMs = -1;
  #offset = 0;
  /** From decoding to presentation of the newest keyframe: turns decoding times into presentation times. */
  #reorderMs = 0;
  #lastKeyframeMs: number | undefined;
  /** The unit that the scanner looks at. */
  #unit: Unit | undefined;
  #seekingSinceMs = 0;
  #sawLead = false;
  /** Tables have come among the media. Those put before a stream that is joined anywhere may be newer than its start. */
  #hasOwnTables = false;

  constructor(options: SegmentCutterOptions) {
    this.#options = options;
    this.#tables = new ProgramTables(options);
    this.#joint = new SegmentJoint(options.partDurationMs);
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
    return this.#joint.takeEvents();
  }

  /** The stream is over: what is open ends here. */
  finish(): CutEvent[] {
    this.#break();
    return this.#joint.takeEvents();
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
    if (role === 'pes') this.#joint.track(run, at, pid);
    if (startsUnit(run, at)) {
      if (role === 'lead') this.#leadUnit(run, at);
      else if (role === 'pes') this.#otherUnit(run, at);
    }
    this.#joint.put(run, at, pid);
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
      const { lead, pesPids } = this.#layout;
      this.#joint.follow(pesPids);
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
    const { segment } = this.#joint;
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
    const times = pesTimes(run, at);
    let unit = this.#clock.unit(times, this.#mediaMs);
    if (unit === undefined) {
      this.#break();
      unit = this.#clock.unit(times, this.#mediaMs)!;
    }
    this.#unit = unit;
    const joint = this.#joint;
    const timeMs = this.#timeOf(unit);
    if (joint.closingEndMs !== undefined && timeMs > joint.closingEndMs + MAX_TAIL_MS) joint.complete();
    const isAlwaysKey = this.#scanner === undefined;
    const rule = this.#ruleAt(timeMs, this.#clock.stepMs);
    if (rule === 'no') joint.segment?.unit(timeMs, this.#clock.stepMs);
    else if (rule === 'must' || isAlwaysKey) joint.cut(this.#here, timeMs);
    else joint.wait(this.#here);
    if (isAlwaysKey) joint.segment?.keyframeBegan();
  }

  get #here(): CutPlace {
    return { psi: this.#tables.psi, mediaMs: this.#mediaMs };
  }

  #ruleAt(timeMs: number, stepMs: number): ReturnType<typeof cutRule> {
    const { segment } = this.#joint;
    if (segment === undefined) {
      if (this.#isTiredOfSeeking()) return 'must';
      // A keyframe has the tables that were in force there; elsewhere they have to be waited for.
      return this.#scanner !== undefined || this.#hasOwnTables ? 'at-keyframe' : 'no';
    }
    return cutRule({
      elapsedMs: timeMs - segment.startMs,
      stepMs,
      keyframeDistanceMs: timeMs - (this.#lastKeyframeMs ?? timeMs),
      targetDurationMs: this.#options.targetDurationMs,
    });
  }

  #isTiredOfSeeking(): boolean {
    return this.#mediaMs - this.#seekingSinceMs >= MAX_KEYFRAME_WAIT_MS;
  }

  /** A PES of another stream begins: segments are cut here when the one that leads does not come. */
  #otherUnit(run: Uint8Array, at: number): void {
    const timeMs = this.#clock.timeOf(pesTimes(run, at));
    if (timeMs === undefined || timeMs - this.#clock.endMs < ABSENT_AFTER_MS) return;
    // Its newest unit broke off before it could be told what it is.
    this.#release();
    if (this.#ruleAt(timeMs, ABSENT_AFTER_MS / 10) === 'must') this.#joint.cut(this.#here, timeMs);
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
    this.#joint.cutWhereItWaits(timeMs);
    this.#joint.segment?.keyframeBegan();
  }

  /** The unit that the scanner looked at is no keyframe. */
  #release(): void {
    if (this.#unit !== undefined) this.#joint.release(this.#timeOf(this.#unit), this.#clock.stepMs);
  }

  /** Nothing leads on from here: ends what is open, and looks for a keyframe to begin again. */
  #break(): void {
    this.#release();
    this.#joint.end(this.#clock.endMs + this.#reorderMs);
    this.#clock = new LeadClock();
    this.#unit = undefined;
    this.#lastPcr = -1;
    this.#lastKeyframeMs = undefined;
    this.#sawLead = false;
    this.#hasOwnTables = false;
    this.#seekingSinceMs = this.#mediaMs;
  }
}
