import { crc32 } from '../playout/psi-packets.ts';
import { PACKET_BYTES } from '../playout/timeline.ts';
import { VIDEO_STREAM_TYPES } from './classify-picture.ts';
import { PacketSplitter } from './packet-splitter.ts';
import { PidAnalyser, type PidFindings } from './pid-analyser.ts';
import { parsePat, parsePmt, SectionAssembler } from './section-assembler.ts';
import type { PidReport, TsReport } from './ts-report.ts';

const NULL_PID = 0x1fff;

/**
 * Reads a transport stream as a strict decoder would and notes everything that is wrong with it. Written from the
 * standard alone, so that it can judge any producer or proxy. Memory grows with PCRs and keyframes, not with bytes.
 */
export class TsAnalyser {
  readonly #splitter: PacketSplitter;
  readonly #pids = new Map<number, PidAnalyser>();
  readonly #tables = new Map<number, SectionAssembler>([[0, new SectionAssembler()]]);
  readonly #findings: PidFindings = { continuityErrors: [], timestampErrors: [], keyframes: [], pcrs: [] };
  readonly #first: { pat?: number; pmt?: number } = {};
  #bytes = 0;
  #packets = 0;
  #nullPackets = 0;
  #errorPackets = 0;
  #sectionErrors = 0;

  constructor() {
    this.#splitter = new PacketSplitter((bytes, at, offset) =>
      this.#packet(bytes.subarray(at, at + PACKET_BYTES), offset),
    );
  }

  /** Takes the next bytes, in chunks of any size. */
  push(chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#splitter.push(chunk);
  }

  /** To be called once, after the last chunk. */
  finish(): TsReport {
    const trailingBytes = this.#splitter.finish();
    for (const pid of this.#pids.values()) pid.finish();
    const seen = [...this.#pids].filter(([, analyser]) => analyser.firstOffset !== undefined);
    const pids = new Map<number, PidReport>(seen.map(([pid, analyser]) => [pid, analyser.report()]));
    const keyframes = this.#findings.keyframes.toSorted((a, b) => a.offset - b.offset);
    const keyframe = keyframes[0]?.offset;
    const { pat, pmt } = this.#first;
    const video = [...this.#pids.values()].find((pid) => VIDEO_STREAM_TYPES.has(pid.streamType ?? -1))?.firstOffset;
    const tablesFirst =
      pat !== undefined && pmt !== undefined && pat < pmt && pmt < (video ?? Number.POSITIVE_INFINITY);
    const decodable = tablesFirst && video === keyframe;
    return {
      bytes: this.#bytes,
      packets: this.#packets,
      nullPackets: this.#nullPackets,
      errorPackets: this.#errorPackets,
      sectionErrors: this.#sectionErrors,
      leadingBytes: this.#splitter.leadingBytes,
      trailingBytes,
      syncLosses: this.#splitter.syncLosses,
      continuityErrors: this.#findings.continuityErrors,
      timestampErrors: this.#findings.timestampErrors,
      start: { pat, pmt, video, keyframe, decodable },
      bytesToFirstKeyframe: keyframe === undefined ? undefined : keyframe + PACKET_BYTES,
      keyframes,
      pcrs: this.#findings.pcrs,
      pids,
    };
  }

  #packet(packet: Uint8Array, offset: number): void {
    this.#packets++;
    if (packet[1]! & 0x80) {
      this.#errorPackets++;
      return;
    }
    const pid = ((packet[1]! & 0x1f) << 8) | packet[2]!;
    if (pid === NULL_PID) {
      this.#nullPackets++;
      return;
    }
    const analyser = this.#pid(pid);
    const payload = analyser.packet(packet, offset);
    if (!payload) return;
    const table = this.#tables.get(pid);
    if (table) this.#table(pid, table.push(payload, (packet[1]! & 0x40) !== 0), offset);
  }

  #table(pid: number, section: Uint8Array | undefined, offset: number): void {
    if (section && crc32(section) !== 0) {
      this.#sectionErrors++;
      return;
    }
    if (pid === 0 && section?.[0] === 0x00) {
      this.#first.pat ??= offset;
      for (const pmtPid of parsePat(section)) {
        if (!this.#tables.has(pmtPid)) this.#tables.set(pmtPid, new SectionAssembler());
      }
    }
    if (pid !== 0 && section?.[0] === 0x02) {
      this.#first.pmt ??= offset;
      for (const stream of parsePmt(section)) this.#pid(stream.pid).streamType = stream.streamType;
    }
  }

  #pid(pid: number): PidAnalyser {
    let analyser = this.#pids.get(pid);
    if (!analyser) {
      analyser = new PidAnalyser(pid, this.#findings);
      this.#pids.set(pid, analyser);
    }
    return analyser;
  }
}

/** Analyses a whole transport stream. */
export function analyseTs(chunks: Uint8Array | Iterable<Uint8Array>): TsReport {
  const analyser = new TsAnalyser();
  for (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) analyser.push(chunk);
  return analyser.finish();
}
