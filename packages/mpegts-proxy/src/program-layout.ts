import { NULL_PID, PAT_PID } from './packet.ts';
import type { ElementaryStream, Program } from './psi.ts';

/** What a PID is to segments; PIDs without an entry are no part of the program and stay out. */
export type PidRole = 'table' | 'lead' | 'pes' | 'other';

/** Sections rather than PES packets (ISO/IEC 13818-1 table 2-34): nothing of them is ever half sent. */
const SECTION_TYPES: ReadonlySet<number> = new Set([0x05, 0x0b, 0x0c, 0x0d, 0x86]);

/** The PIDs of one program, and the stream whose access units are where segments are cut: video, else audio. */
export interface ProgramLayout {
  readonly roles: ReadonlyMap<number, PidRole>;
  readonly lead: ElementaryStream | undefined;
  readonly pcrPid: number;
  /** PIDs other than the lead's that carry PES packets. */
  readonly pesPids: readonly number[];
}

export function programLayout(program: Program): ProgramLayout {
  const streams = program.streams.filter(({ pid }) => pid !== NULL_PID);
  const lead =
    streams.find(({ kind }) => kind === 'video') ??
    streams.find(({ kind }) => kind === 'audio') ??
    streams.find(({ streamType }) => !SECTION_TYPES.has(streamType));
  const roles = new Map<number, PidRole>();
  if (program.pcrPid !== NULL_PID) roles.set(program.pcrPid, 'other');
  for (const { pid, streamType } of streams) roles.set(pid, SECTION_TYPES.has(streamType) ? 'other' : 'pes');
  if (lead !== undefined) roles.set(lead.pid, 'lead');
  roles.set(PAT_PID, 'table').set(program.pmtPid, 'table');
  const pesPids = [...roles].filter(([, role]) => role === 'pes').map(([pid]) => pid);
  return { roles, lead, pcrPid: program.pcrPid, pesPids };
}

/** Whether two programs are the same to a decoder. */
export function isSameLayout(one: Program, other: Program): boolean {
  return (
    one.programNumber === other.programNumber &&
    one.pcrPid === other.pcrPid &&
    one.streams.length === other.streams.length &&
    one.streams.every(({ pid, codec }, index) => {
      const stream = other.streams[index];
      return stream?.pid === pid && stream.codec === codec;
    })
  );
}
