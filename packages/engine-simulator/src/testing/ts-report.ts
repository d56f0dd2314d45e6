import type { SyncLoss } from './packet-splitter.ts';

/** A continuity counter that did not follow on the one before (ISO/IEC 13818-1 §2.4.3.3). */
export interface ContinuityError {
  readonly offset: number;
  readonly pid: number;
  readonly expected: number;
  readonly found: number;
  /** The packet's discontinuity_indicator says so: not an error to a player. */
  readonly flagged: boolean;
}

/** One PCR. */
export interface PcrPoint {
  readonly offset: number;
  readonly pid: number;
  /** 27 MHz, unwrapped: goes on past the 33-bit wrap; a jump of the stream shows as a jump. */
  readonly ticks: number;
  /** The packet's discontinuity_indicator is set. */
  readonly flagged: boolean;
}

/** A picture at which decoding can begin. */
export interface Keyframe {
  /** Of the packet that starts its PES. */
  readonly offset: number;
  readonly pid: number;
  /** 90 kHz, as in the stream. */
  readonly pts: number | undefined;
  /** Its random_access_indicator is set. */
  readonly flagged: boolean;
}

/** A decoding time that is not after the one before on its PID. */
export interface TimestampError {
  readonly offset: number;
  readonly pid: number;
  /** 90 kHz, unwrapped. */
  readonly previous: number;
  readonly current: number;
  /** A discontinuity_indicator on this PID came in between. */
  readonly flagged: boolean;
}

/** One PID. */
export interface PidReport {
  readonly pid: number;
  /** From the PMT; `undefined` for tables and PIDs no PMT lists. */
  readonly streamType: number | undefined;
  readonly packets: number;
  readonly payloadPackets: number;
  readonly scrambledPackets: number;
  /** A packet sent twice, as the standard allows once. */
  readonly duplicates: number;
  /** Packets with discontinuity_indicator. */
  readonly discontinuities: number;
  readonly pesPackets: number;
  /** PES headers whose fixed bits are wrong. */
  readonly pesErrors: number;
  /** The first and the last decoding time, 90 kHz, unwrapped: the last may lie beyond the wrap. */
  readonly dts: { readonly first: number; readonly last: number } | undefined;
  /** The least and the largest step between decoding times, 90 kHz; `undefined` with fewer than two. */
  readonly dtsStep: { readonly min: number; readonly max: number } | undefined;
}

/** Offsets of firsts, `undefined` when there was none. What a join should have given: PAT < PMT < video = keyframe. */
export interface StreamStart {
  readonly pat: number | undefined;
  readonly pmt: number | undefined;
  readonly video: number | undefined;
  readonly keyframe: number | undefined;
  /** PAT, then PMT, then video (if there is any) that begins with a keyframe. */
  readonly decodable: boolean;
}

/** What `analyseTs` found. Offsets are in bytes from the start of the input. */
export interface TsReport {
  readonly bytes: number;
  readonly packets: number;
  readonly nullPackets: number;
  /** Packets with transport_error_indicator. */
  readonly errorPackets: number;
  /** PAT and PMT sections whose CRC is wrong. */
  readonly sectionErrors: number;
  /** Bytes before the first packet, and after the last. */
  readonly leadingBytes: number;
  readonly trailingBytes: number;
  readonly syncLosses: readonly SyncLoss[];
  readonly continuityErrors: readonly ContinuityError[];
  readonly timestampErrors: readonly TimestampError[];
  readonly start: StreamStart;
  /** Bytes up to and including the first keyframe's first packet; `undefined` without one. */
  readonly bytesToFirstKeyframe: number | undefined;
  readonly keyframes: readonly Keyframe[];
  readonly pcrs: readonly PcrPoint[];
  readonly pids: ReadonlyMap<number, PidReport>;
}
