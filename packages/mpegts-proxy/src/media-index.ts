import { KeyframeScanner } from './keyframe.ts';
import { hasPayload, isScrambled, NULL_PID, PACKET_BYTES, pcrOf, pidOf, startsUnit } from './packet.ts';
import { pictureSize } from './picture-size.ts';
import { ProgramTables } from './program-tables.ts';
import { crc32, type Program } from './psi.ts';
import { StreamHealth } from './stream-health.ts';
import { Timeline } from './timeline.ts';

/** A place where a decoder can start: the packet in which a keyframe's PES begins, and the PSI in force there. */
export interface Keyframe {
  readonly offset: number;
  readonly timeMs: number;
  readonly psi: Uint8Array;
}

/** Roles a PID has; one table look-up decides whether a packet needs a closer look. */
const SEEN = 1;
const PSI = 2;
const PCR = 4;
const VIDEO = 8;

const UNKNOWN = 16;

const NO_PSI: Uint8Array = new Uint8Array(0);

/**
 * What is where in a stream: PAT and PMT, keyframes, PCRs, and how healthy it is. Scans every packet
 * once, in order; keeps no bytes but those of the newest PAT and PMT.
 */
export class MediaIndex {
  readonly timeline: Timeline = new Timeline();
  readonly health: StreamHealth = new StreamHealth();
  readonly #wantedProgram: number | undefined;
  readonly #roles = new Uint8Array(8192);
  /** The continuity counter each PID's next packet with payload should have. */
  readonly #expected = new Uint8Array(8192).fill(UNKNOWN);
  #keyframes: Keyframe[] = [];
  #tables: ProgramTables;
  #tablePids: readonly number[] = [];
  /** The PSI that was in force when the video PES now being looked at began. */
  #psiAtUnitStart: Uint8Array = NO_PSI;
  #followed: Program | undefined;
  #videoPid = -1;
  #pcrPid = -1;
  #scanner: KeyframeScanner | undefined;
  #scrambledVideo = false;

  constructor(options: { programNumber?: number | undefined } = {}) {
    this.#wantedProgram = options.programNumber;
    this.#tables = new ProgramTables(options);
    this.#watchTables();
  }

  /** The program that joins follow; undefined until its PMT has been seen. */
  get program(): Program | undefined {
    return this.#tables.program;
  }

  /** The last PAT and PMT packets as they came, or nothing. */
  get psi(): Uint8Array {
    return this.#tables.psi;
  }

  get pcrPid(): number {
    return this.#pcrPid;
  }

  /** Whether a keyframe can be expected: there is a video stream, and it is not scrambled. */
  get expectsKeyframes(): boolean {
    return this.#videoPid >= 0 && !this.#scrambledVideo;
  }

  get keyframeCount(): number {
    return this.#keyframes.length;
  }

  get newestKeyframe(): Keyframe | undefined {
    return this.#keyframes.at(-1);
  }

  get oldestKeyframe(): Keyframe | undefined {
    return this.#keyframes[0];
  }

  /** The newest keyframe at or before a media time. */
  keyframeAt(timeMs: number): Keyframe | undefined {
    return this.#keyframes.findLast((keyframe) => keyframe.timeMs <= timeMs);
  }

  /** PIDs that have been seen since the last {@link cut}, null packets left out. */
  seenPids(): number[] {
    const pids: number[] = [];
    for (let pid = 0; pid < NULL_PID; pid++) if (this.#roles[pid]! & SEEN) pids.push(pid);
    return pids;
  }

  /**
   * Takes a run of whole packets.
   *
   * @param offset place of its first byte
   * @param nowMs time of arrival, which stands in for a PCR where there is none
   */
  scan(run: Uint8Array, offset: number, nowMs: number): void {
    const roles = this.#roles;
    const expected = this.#expected;
    for (let at = 0; at < run.length; at += PACKET_BYTES) {
      const pid = pidOf(run, at);
      const flags = run[at + 3]!;
      // A packet without payload repeats the counter of the one before it.
      const counter = (flags & 0x10) !== 0 ? flags & 15 : (flags + 1) & 15;
      if (counter !== expected[pid] && expected[pid] !== UNKNOWN && pid !== NULL_PID) {
        this.health.unexpectedCounter(run, at, expected[pid]!);
      }
      expected[pid] = (counter + 1) & 15;
      if ((flags & 0xc0) !== 0) this.health.scrambledPackets++;
      if ((run[at + 1]! & 0x80) !== 0) this.health.transportErrors++;
      const role = roles[pid]!;
      if (role === SEEN) continue;
      if (role === 0) roles[pid] = SEEN;
      else this.#look(run, at, offset + at, pid, role, nowMs);
    }
    if (!this.timeline.hasPcr) this.timeline.addArrival(offset, nowMs);
  }

  /** A packet of a PID that matters. */
  #look(run: Uint8Array, at: number, offset: number, pid: number, role: number, nowMs: number): void {
    this.#roles[pid] = role | SEEN;
    if (role & PSI) this.#lookAtPsi(run, at, pid);
    if (role & PCR) {
      const pcr = pcrOf(run, at);
      if (pcr >= 0) {
        this.timeline.addPcr(offset, pcr);
        this.health.addPcr(pcr, this.timeline.headMs, nowMs);
      }
    }
    if (!(role & VIDEO)) return;
    this.health.videoPackets++;
    if (hasPayload(run, at)) this.#scrambledVideo = isScrambled(run, at);
    if (startsUnit(run, at)) this.#psiAtUnitStart = this.#tables.psi;
    const place = this.#scanner!.push(run, at, offset);
    if (place < 0) return;
    const timeMs = this.timeline.timeAt(place);
    this.#keyframes.push({ offset: place, timeMs, psi: this.#psiAtUnitStart });
    this.#examine(this.#scanner!.keyframeHead, timeMs);
  }

  #examine(head: Uint8Array, timeMs: number): void {
    this.health.addKeyframe(timeMs, crc32(head));
    this.health.pictureSize ??= pictureSize(this.#scanner!.codec, head);
  }

  #lookAtPsi(run: Uint8Array, at: number, pid: number): void {
    const tables = this.#tables;
    for (const news of tables.push(run, at, pid)) {
      if (news === 'pat') {
        this.health.addPat(this.timeline.headMs);
        this.#watchTables();
      } else {
        this.health.addPmt(this.timeline.headMs);
        this.#follow(tables.program!);
      }
    }
  }

  #watchTables(): void {
    for (const pid of this.#tablePids) this.#roles[pid] = this.#roles[pid]! & ~PSI;
    this.#tablePids = [...this.#tables.pids];
    for (const pid of this.#tablePids) this.#roles[pid] = this.#roles[pid]! | PSI;
  }

  #follow(program: Program): void {
    const video = program.streams.find((stream) => stream.kind === 'video');
    const videoPid = video?.pid ?? -1;
    const sameVideo =
      videoPid === this.#videoPid &&
      this.#followed?.streams.some((s) => s.pid === videoPid && s.codec === video?.codec);
    if (program.pcrPid !== this.#pcrPid) {
      this.#moveRole(PCR, this.#pcrPid, program.pcrPid);
      this.#pcrPid = program.pcrPid;
    }
    if (!sameVideo) {
      this.#moveRole(VIDEO, this.#videoPid, videoPid);
      this.#videoPid = videoPid;
      this.#scanner = video === undefined ? undefined : new KeyframeScanner(video.codec);
    }
    this.#followed = program;
  }

  #moveRole(role: number, from: number, to: number): void {
    if (from >= 0) this.#roles[from] = this.#roles[from]! & ~role;
    if (to >= 0 && to !== NULL_PID) this.#roles[to] = this.#roles[to]! | role;
  }

  /** Forgets what lies before a place. */
  dropBefore(offset: number): void {
    this.timeline.dropBefore(offset);
    let gone = 0;
    while (gone < this.#keyframes.length && this.#keyframes[gone]!.offset < offset) gone++;
    if (gone > 0) this.#keyframes.splice(0, gone);
  }

  /** What follows comes from another source: half-read sections, half-read frames and the time base end here. */
  cut(): void {
    this.#roles.fill(0);
    this.#expected.fill(UNKNOWN);
    this.health.cut();
    this.health.pictureSize = undefined;
    this.#tables = new ProgramTables({ programNumber: this.#wantedProgram });
    this.#watchTables();
    this.#followed = undefined;
    this.#videoPid = -1;
    this.#pcrPid = -1;
    this.#scanner = undefined;
    this.#scrambledVideo = false;
    this.timeline.breakTimeBase();
  }
}
