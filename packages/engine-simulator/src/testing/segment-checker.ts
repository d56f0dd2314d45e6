import { CLOCK_WRAP, modulo } from '../playout/timeline.ts';
import { VIDEO_STREAM_TYPES } from './classify-picture.ts';
import { analyseTs } from './ts-analyser.ts';
import type { PidReport, TsReport } from './ts-report.ts';

/** A segment as a playlist announced it and as it was fetched. */
export interface CheckedSegment {
  readonly sequence: number;
  /** EXTINF in milliseconds. */
  readonly durationMs: number;
  /** EXT-X-DISCONTINUITY stands before it. */
  readonly discontinuity: boolean;
  readonly bytes: Uint8Array;
}

/** Something that is wrong with a segment, or between it and the one before. */
export interface SegmentFault {
  readonly sequence: number;
  /**
   * `order`: its number does not follow. `start`: no PAT, PMT and keyframe first. `damage`: counters, CRCs or packets
   * inside are wrong. `padding`: null packets. `duration`: EXTINF is more than a frame off. `gap`: timestamps do not
   * go on and no discontinuity says so. `needless`: a discontinuity although they do.
   */
  readonly kind: 'order' | 'start' | 'damage' | 'padding' | 'duration' | 'gap' | 'needless';
  readonly text: string;
}

export interface SegmentsReport {
  readonly segments: number;
  /** Sequence numbers of the segments with a discontinuity before them. */
  readonly discontinuities: readonly number[];
  readonly faults: readonly SegmentFault[];
}

interface Measured {
  readonly segment: CheckedSegment;
  /** 90 kHz: presentation of the first keyframe, of the first audio frame where there is no video. */
  readonly start: number;
  readonly dts: { readonly first: number; readonly last: number };
  readonly frame: number;
}

/** Milliseconds that an EXTINF may be off for its rounding. */
const ROUNDING_MS = 1;

/**
 * Judges the segments of a live playlist, in order, from their bytes alone: how each begins, whether its EXTINF is the
 * distance to the next one's keyframe, and whether time goes on from one to the next.
 */
export class SegmentChecker {
  readonly #faults: SegmentFault[] = [];
  readonly #discontinuities: number[] = [];
  #segments = 0;
  #previous: Measured | undefined;

  push(segment: CheckedSegment): void {
    const { sequence, discontinuity } = segment;
    this.#segments++;
    if (discontinuity) this.#discontinuities.push(sequence);
    const previous = this.#previous;
    if (previous !== undefined && sequence !== previous.segment.sequence + 1) {
      this.#fault(sequence, 'order', `follows ${previous.segment.sequence}`);
    }
    const report = analyseTs(segment.bytes);
    this.#checkBytes(sequence, report);
    const measured = measure(segment, report);
    if (measured === undefined) return this.#fault(sequence, 'start', 'has no timestamps');
    if (previous !== undefined) this.#checkJoint(previous, measured);
    this.#previous = measured;
  }

  /** To be called once, after the last segment: of that one the duration cannot be known. */
  finish(): SegmentsReport {
    return { segments: this.#segments, discontinuities: this.#discontinuities, faults: this.#faults };
  }

  #checkBytes(sequence: number, report: TsReport): void {
    const { start, continuityErrors, sectionErrors, syncLosses, trailingBytes, nullPackets } = report;
    if (start.pat !== 0 || !start.decodable) this.#fault(sequence, 'start', `begins with ${JSON.stringify(start)}`);
    const broken = continuityErrors.filter(({ flagged }) => !flagged).length;
    if (broken + sectionErrors + syncLosses.length + trailingBytes > 0) {
      this.#fault(sequence, 'damage', `${broken} counters, ${sectionErrors} sections, ${trailingBytes} bytes too many`);
    }
    if (nullPackets > 0) this.#fault(sequence, 'padding', `${nullPackets} null packets`);
  }

  #checkJoint(previous: Measured, next: Measured): void {
    const { sequence, discontinuity } = next.segment;
    const frame = Math.max(previous.frame, next.frame);
    const step = distance(previous.dts.last, next.dts.first);
    const goesOn = step > 0 && step <= 1.5 * frame;
    if (!goesOn && !discontinuity) this.#fault(sequence, 'gap', `decoding goes on ${step / 90} ms later`);
    if (goesOn && discontinuity) this.#fault(sequence, 'needless', 'decoding goes on with the next frame');
    // Behind a discontinuity there is no next keyframe of the same time base: what is there counts.
    const lasts = goesOn
      ? distance(previous.start, next.start)
      : distance(previous.dts.first, previous.dts.last) + frame;
    const offMs = Math.abs(lasts / 90 - previous.segment.durationMs);
    if (offMs > frame / 90 + ROUNDING_MS) {
      const { durationMs } = previous.segment;
      this.#fault(previous.segment.sequence, 'duration', `says ${durationMs} ms and lasts ${lasts / 90} ms`);
    }
  }

  #fault(sequence: number, kind: SegmentFault['kind'], text: string): void {
    this.#faults.push({ sequence, kind, text });
  }
}

function measure(segment: CheckedSegment, report: TsReport): Measured | undefined {
  const timed = [...report.pids.values()].filter(({ dts }) => dts !== undefined);
  const isVideo = ({ streamType }: PidReport): boolean => VIDEO_STREAM_TYPES.has(streamType ?? -1);
  const lead = timed.find(isVideo) ?? timed.find(({ streamType }) => streamType !== undefined);
  if (lead?.dts === undefined) return undefined;
  const start = isVideo(lead) ? (report.keyframes[0]?.pts ?? lead.dts.first) : lead.dts.first;
  return { segment, start, dts: lead.dts, frame: lead.dtsStep?.max ?? 0 };
}

/** From one 90 kHz timestamp to another, the shorter way round. */
function distance(from: number, to: number): number {
  return modulo(to - from + CLOCK_WRAP / 2, CLOCK_WRAP) - CLOCK_WRAP / 2;
}
