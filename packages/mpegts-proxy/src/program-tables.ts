import { PAT_PID } from './packet.ts';
import { type PatEntry, type Program, parsePat, parsePmt, SectionAssembler } from './psi.ts';

const NO_PSI: Uint8Array = new Uint8Array(0);

/** What a packet of a table has told. */
export type TableNews = 'pat' | 'program';

/**
 * Follows PAT and PMTs: which program is the one to play, and which packets announce it. With several programs that is
 * the wanted one, else the first with video, else the only one there is.
 */
export class ProgramTables {
  readonly #wantedProgram: number | undefined;
  readonly #assemblers = new Map<number, SectionAssembler>([[PAT_PID, new SectionAssembler()]]);
  #candidates: readonly PatEntry[] = [];
  #pat: Uint8Array = NO_PSI;
  #pmt: Uint8Array = NO_PSI;
  #psi: Uint8Array = NO_PSI;
  #program: Program | undefined;

  constructor(options: { programNumber?: number | undefined } = {}) {
    this.#wantedProgram = options.programNumber;
  }

  /** PIDs whose packets {@link push} wants: the PAT's and the PMTs'. */
  get pids(): Iterable<number> {
    return this.#assemblers.keys();
  }

  /** The program to play; undefined until its PMT has been seen. */
  get program(): Program | undefined {
    return this.#program;
  }

  /** The last PAT and PMT packets as they came, or nothing. */
  get psi(): Uint8Array {
    return this.#psi;
  }

  /** Takes a packet of one of the {@link pids}. */
  push(bytes: Uint8Array, at: number, pid: number): TableNews[] {
    const news: TableNews[] = [];
    for (const section of this.#assemblers.get(pid)?.push(bytes, at) ?? []) {
      if (pid === PAT_PID) {
        const entries = parsePat(section.bytes);
        if (entries === undefined) continue;
        this.#pat = section.packets;
        this.#watchPmts(entries);
        this.#renewPsi();
        news.push('pat');
      } else {
        const program = parsePmt(section.bytes, pid);
        if (program === undefined || !this.#isChosen(program)) continue;
        this.#pmt = section.packets;
        this.#renewPsi();
        this.#program = program;
        news.push('program');
      }
    }
    return news;
  }

  #watchPmts(entries: readonly PatEntry[]): void {
    const same =
      entries.length === this.#candidates.length &&
      entries.every((entry, index) => {
        const known = this.#candidates[index]!;
        return entry.pmtPid === known.pmtPid && entry.programNumber === known.programNumber;
      });
    if (same) return;
    this.#candidates = entries;
    for (const pid of [...this.#assemblers.keys()]) if (pid !== PAT_PID) this.#assemblers.delete(pid);
    for (const { pmtPid } of entries) this.#assemblers.set(pmtPid, new SectionAssembler());
  }

  #isChosen(program: Program): boolean {
    if (!this.#candidates.some((entry) => entry.programNumber === program.programNumber)) return false;
    const current = this.#program;
    if (this.#wantedProgram !== undefined) return program.programNumber === this.#wantedProgram;
    if (current === undefined || current.programNumber === program.programNumber) return true;
    const gone = !this.#candidates.some((entry) => entry.programNumber === current.programNumber);
    return gone || (hasVideo(program) && !hasVideo(current));
  }

  #renewPsi(): void {
    this.#psi = this.#pmt.length === 0 ? NO_PSI : Buffer.concat([this.#pat, this.#pmt]);
  }
}

function hasVideo(program: Program): boolean {
  return program.streams.some((stream) => stream.kind === 'video');
}
