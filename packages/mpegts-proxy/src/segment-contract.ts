/** What {@link MpegTsProxy.segments} gives: the shapes of HLS, with memory that is shared. */

/** A piece of a segment, ready before the segment is. */
export interface Part {
  /** Milliseconds, at most the part target. */
  readonly durationMs: number;
  /** A keyframe begins in it. */
  readonly independent: boolean;
  /** Views of shared, immutable memory, in order: do not write to them. */
  readonly data: readonly Uint8Array[];
  readonly byteLength: number;
}

export interface SegmentEnd {
  /** From its first picture to that of the next segment. */
  readonly durationMs: number;
  /** Time that went into cutting it. */
  readonly fetchMs: number;
}

/** A piece of a stream that can be decoded by itself: it starts with PAT, PMT and, where there are any, a keyframe. */
export interface Segment {
  /** From 0 upwards, without a gap, for each iteration anew. */
  readonly sequence: number;
  /** What is before it does not lead up to it: other timestamps, another encoding, or something missing. */
  readonly discontinuity: boolean;
  /** Unix time in milliseconds of its first picture; undefined while that cannot be told. */
  readonly programDateTimeMs: number | undefined;
  /** All parts, as they come; every iteration starts with the first. Ends with the segment. Never throws. */
  readonly parts: AsyncIterable<Part>;
  /** Resolves when the segment is complete; its parts' durations add up to this one. Never rejects. */
  readonly done: Promise<SegmentEnd>;
}

export interface SegmentsOptions {
  /** Longest segment: cut at the first keyframe after two thirds of it, anywhere at the end of it. Default 6 000 ms, from 1 000. */
  readonly targetDurationMs?: number;
  /** Longest part. Default 333 ms, from 100: whole frames of 24 to 60 per second fill it to 85 % and more. */
  readonly partDurationMs?: number;
  /** How far behind live the first segment starts, where the session holds that much. Default 5 target durations. */
  readonly behindMs?: number;
  /** Media that is cut at once where a source bursts; what comes beyond is cut as time passes. Default 8 target durations. */
  readonly aheadMs?: number;
  /** Ends the iteration with its reason. */
  readonly signal?: AbortSignal;
  /** Told in statistics and hooks, as of any client. */
  readonly label?: string;
}
