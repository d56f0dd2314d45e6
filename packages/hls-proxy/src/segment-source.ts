/** What an application gives {@link HlsProxy} to publish. Declared by shape: any async iterable of such segments fits. */

/** A part of a segment: what low-latency viewers can have before the segment is complete. */
export interface Part {
  readonly durationMs: number;
  /** Decodable from its first byte: it starts with a keyframe. */
  readonly independent: boolean;
  /** Views of shared memory, never written again by anybody. In order they are the part's bytes. */
  readonly data: readonly Uint8Array[];
  /** Sum of the views' lengths. */
  readonly byteLength: number;
}

/** Something that segments refer to: an initialisation section or a key. Published once per object. */
export interface SegmentResource {
  readonly data: Uint8Array;
  readonly contentType?: string;
  /** Of its name in our playlist, without a dot. Default `bin`. */
  readonly extension?: string;
}

/** How a segment is encrypted (RFC 8216 §4.3.2.4). Its bytes are passed on as they are. */
export interface SegmentKey {
  /** `AES-128`, `SAMPLE-AES`, … */
  readonly method: string;
  /** The key itself, served by us; or a URI that only players understand (`skd:`, `data:`), passed on. */
  readonly key: SegmentResource | string;
  /** 16 bytes. Always there for AES-128: our sequence numbers are not the source's. */
  readonly iv?: Uint8Array;
  readonly format?: string;
  readonly formatVersions?: string;
}

/** One segment, complete or on its way. */
export interface Segment {
  /** Consecutive within one iteration. Only a jump is looked at: it becomes a discontinuity. */
  readonly sequence: number;
  /** A discontinuity lies before this segment. */
  readonly discontinuity: boolean;
  /** Unix milliseconds of its first picture; undefined where nobody knows. */
  readonly programDateTimeMs: number | undefined;
  /** Its parts as they are cut; iterated once. A source that does not cut gives one. */
  readonly parts: AsyncIterable<Part>;
  /** Settles after the last part. Rejects when the segment is lost: it is published as a gap (EXT-X-GAP). */
  readonly done: Promise<{
    readonly durationMs: number;
    /** How long fetching or cutting it took. Default the time from its appearance. */
    readonly fetchMs?: number;
  }>;
  /** Length of a lost segment, where it is known; default what arrived, or the target duration. */
  readonly expectedDurationMs?: number;
  /** Initialisation section that applies (EXT-X-MAP). The same object for every segment it applies to. */
  readonly map?: SegmentResource;
  /** The key that applies (EXT-X-KEY). */
  readonly key?: SegmentKey;
  /** Default `video/mp2t`. */
  readonly contentType?: string;
  /** Of its name in our playlist, without a dot: letters and digits. Default `ts`. */
  readonly extension?: string;
}

/** Why a source is closed. `moved`: another one has taken over from it. */
export type SourceCloseReason = 'ended' | 'failed' | 'moved' | 'idle' | 'reclaimed' | 'stopped' | 'shutdown';

/**
 * Live segments from one place. Iteration that returns means the stream is over (EXT-X-ENDLIST); one that throws means
 * this source failed and another one is opened.
 */
export interface SegmentSource extends AsyncIterable<Segment> {
  /** Longest segment it will ever deliver, read at its first segment. Default `segment.targetDurationMs`. */
  readonly targetDurationMs?: number | undefined;
  /**
   * Resolves when it can take over from a source that still delivers (`move`). Default when it has its first segment; a
   * source that knows what viewers have may be there before the next one that is new. Never rejects.
   */
  readonly ready?: Promise<void>;
  /** Called exactly once, after the last segment was taken. Rejections go to the `closeFailed` hook. */
  close?(reason: SourceCloseReason): Promise<void>;
}

export interface OpenContext {
  /** Aborts when the segments are no longer wanted. */
  readonly signal: AbortSignal;
  /** Counts the sources of a session, from 1. */
  readonly attempt: number;
  /** Another source delivers, and is to be left for this one (`move`): reject rather than give the same one again. */
  readonly moving: boolean;
}

/** Opens the segments of a key. */
export type OpenSegments = (key: string, context: OpenContext) => Promise<SegmentSource> | SegmentSource;
