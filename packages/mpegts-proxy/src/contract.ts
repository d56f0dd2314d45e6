import type { StreamHealthStats } from './stream-health.ts';

/** The shapes that cross the border of this package: what an application gives it and what it gets back. */

/** Why a source ended. The opener maps its own world to these. */
export type SourceEndReason =
  /** The body ended cleanly. */
  | 'ended'
  /** The connection broke in the middle of the body. */
  | 'reset'
  /** Connected, but no bytes for `recovery.stallMs`. */
  | 'stalled'
  /** The opener could not reach anything. */
  | 'refused'
  /** Something answered, but not with a transport stream. */
  | 'bad-response'
  /** Nothing arrived before the first-byte deadline. */
  | 'no-data'
  /** It delivers, and was left for another one because somebody asked for that. */
  | 'moved';

/** Why a source is closed by the proxy: it ended by itself, or nobody needs it any more. */
export type CloseReason = SourceEndReason | 'unused' | 'superseded' | 'shutdown';

/** A live transport stream from one place. */
export interface Source {
  /** Names the place the bytes come from, for `failed`, `beside` and statistics. Default `source-<n>`. */
  readonly id?: string;
  /**
   * MPEG-TS (ISO/IEC 13818-1), split and aligned in any way, in packets of 188, 192 or 204 bytes: clients get 188. The proxy
   * copies what it keeps.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Called exactly once, after the last byte was taken. Rejections are reported through `on.error` and ignored. */
  close?(reason: CloseReason): Promise<void>;
}

/** A source of a session that has ended. */
export interface FailedSource {
  readonly id: string;
  readonly reason: SourceEndReason;
}

export interface OpenContext {
  /** Aborted when this attempt is no longer wanted: nobody waits, or its time is up. */
  readonly signal: AbortSignal;
  /** Sources of this session that ended, newest last. */
  readonly failed: readonly FailedSource[];
  /** A source that still runs but has stalled: open another one beside it, or release it first. */
  readonly beside?: { readonly id: string; release(): Promise<void> } | undefined;
  /**
   * A second try beside a first that has not delivered yet (`recovery.hedgeMs`): reject where it would take a place
   * that somebody else waits for.
   */
  readonly hedge: boolean;
  /**
   * The source in `beside` delivers well, and another one is wanted all the same (`move`): reject rather than release it.
   */
  readonly moving: boolean;
  /** "Still making progress": moves the first-byte deadline `ms` from now, at most to `limits.firstByteCapMs`. */
  extend(ms: number): void;
}

/**
 * Opens a source for a key. Called once per attempt; the simplest one is
 * `async (url, { signal }) => (await fetch(url, { signal })).body!`.
 *
 * Reject with a {@link SourceError} to say what went wrong; anything else counts as `refused`.
 */
export type OpenSource = (
  key: string,
  context: OpenContext,
) => Promise<Source | AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>>;

/** How two sources were joined into one byte stream. */
export type SpliceKind = 'exact' | 'gap' | 'cut';

/** Why a session closed. */
export type SessionEndReason =
  | 'idle'
  | 'reclaimed'
  | 'stopped'
  | 'shutdown'
  | 'open_failed'
  | 'source_unstable'
  | 'recovery_exhausted';

/** Why a client ended. */
export type ClientEndReason = SessionEndReason | 'left' | 'stalled' | 'write_failed';

/** What became of one client. */
export interface ClientResult {
  readonly reason: ClientEndReason;
  readonly bytesSent: number;
  /** How often it fell out of the ring and went on at the newest keyframe. */
  readonly skips: number;
  readonly durationMs: number;
}

export type SessionState = 'opening' | 'live' | 'recovering' | 'closed';

export interface ClientStats {
  readonly id: string;
  readonly label: string | undefined;
  /** Unix time in milliseconds. */
  readonly connectedAt: number;
  /** Unix time in milliseconds of the last write the client's socket took. */
  readonly lastActiveAt: number;
  readonly bytesSent: number;
  readonly lagBytes: number;
  readonly lagMs: number;
  readonly skips: number;
  readonly skippedBytes: number;
}

export interface RecoveryStats {
  /** Unix time in milliseconds of the end of the old source. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly reason: SourceEndReason;
  readonly splice: SpliceKind;
  /** How long nothing was appended to the ring. */
  readonly gapMs: number;
  /** The longest that a client's socket, emptied, was without media. 0 where all had something left to send. */
  readonly clientGapMs: number;
  /** Bytes of the new source that were dropped to get to the point of the splice. */
  readonly droppedBytes: number;
  /** Bytes of the broadcast that no client gets: 0 if exact, by clock and bit rate for a gap, unknown for a cut. */
  readonly skippedBytes: number | undefined;
}

export interface ProgramStats {
  readonly programNumber: number;
  readonly pmtPid: number;
  readonly pcrPid: number;
  readonly streams: readonly { readonly pid: number; readonly streamType: number; readonly codec: string }[];
}

/** A frozen snapshot of one session. */
export interface SessionStats {
  readonly key: string;
  readonly state: SessionState;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  /** The source that delivers now; undefined while opening or recovering. */
  readonly source: string | undefined;
  readonly sourcesTried: number;
  readonly lingering: boolean;
  readonly clients: readonly ClientStats[];
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Media rate by PCR over the ring; 0 while unknown. */
  readonly bitsPerSecond: number;
  readonly ring: { readonly bytes: number; readonly durationMs: number; readonly keyframes: number };
  readonly sourcePaused: boolean;
  readonly resyncs: number;
  readonly droppedBytes: number;
  readonly program: ProgramStats | undefined;
  readonly health: StreamHealthStats;
  readonly recoveries: readonly RecoveryStats[];
}

/** A frozen snapshot of the whole proxy. */
export interface ProxyStats {
  readonly sessions: readonly SessionStats[];
  readonly clients: number;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  /** Totals since the proxy was made, closed sessions included. */
  readonly totals: {
    readonly bytesIn: number;
    readonly bytesOut: number;
    readonly sessions: number;
    readonly clients: number;
    readonly recoveries: number;
    /** Recoveries by how the sources were joined. */
    readonly splices: Readonly<Record<SpliceKind, number>>;
    readonly continuityErrors: number;
    readonly skips: number;
  };
}

/** Time and timers. Inject a fake one in tests; the default is monotonic. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Unix milliseconds, for what people read. */
  wallNow(): number;
  /** Calls `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Lifecycle, told once per event. Hooks must not throw; what they throw is dropped. */
export interface ProxyHooks {
  sessionStart?(event: { key: string }): void;
  sessionLive?(event: { key: string; source: string; firstByteMs: number }): void;
  sessionEnd?(event: {
    key: string;
    reason: SessionEndReason;
    durationMs: number;
    bytesIn: number;
    bytesOut: number;
  }): void;
  sourceEnd?(event: {
    key: string;
    source: string;
    /** False for one that could not be opened, in place of a source that was lost. */
    opened: boolean;
    reason: SourceEndReason;
    deliveredMs: number;
    error: unknown;
  }): void;
  spliced?(event: { key: string } & RecoveryStats): void;
  clientStart?(event: { key: string; client: string; label: string | undefined; joinMs: number }): void;
  clientEnd?(event: { key: string; client: string; label: string | undefined } & ClientResult): void;
  /** A source's `close` rejected: an outside fault that changed nothing here. */
  closeFailed?(event: { key: string; source: string; error: unknown }): void;
}

/** Settings of {@link MpegTsProxy}; every field is optional there, with the default given here. */
export interface ProxySettings {
  readonly ring: {
    /** Bytes a session keeps at most. Default 32 MiB, minimum 512 KiB. */
    readonly maxBytes: number;
    /** Media a session keeps at most. Default 30 000 ms. */
    readonly maxDurationMs: number;
    /** Reading pauses when more media than this lies ahead of the leading client. Default 20 000 ms. */
    readonly maxAheadMs: number;
  };
  readonly join: {
    /** How far behind live a client starts; 0 is the newest keyframe. Default 10 000 ms. */
    readonly behindMs: number;
    /** Longest wait for a first keyframe before a join starts at a packet boundary. Default 5 000 ms. */
    readonly maxKeyframeWaitMs: number;
  };
  readonly batch: {
    /** Longest time arrivals are gathered for few (≤ 20) clients. Default 15 ms. */
    readonly minMs: number;
    /** The same for many (≥ 200) clients. Default 115 ms. */
    readonly maxMs: number;
    /** Gathered bytes that are sent without waiting. Default 128 KiB. */
    readonly maxBytes: number;
  };
  readonly recovery: {
    /** Silence after which a source that is being read counts as stalled. Default 3 000 ms. */
    readonly stallMs: number;
    /** Media delivered, less the time it took, below which a second source is opened beside. Default 3 000 ms. */
    readonly minLeadMs: number;
    /** A second source is tried when the first has not delivered after so long; 0 for never. Default 0. */
    readonly hedgeMs: number;
    /** Longest search for the place where a new source overlaps the ring. Default 5 000 ms. */
    readonly searchMs: number;
    /** The same in bytes. Default 64 MiB. */
    readonly searchBytes: number;
    /** Attempts to open the first source, while no client has had a byte. Default 3. */
    readonly openAttempts: number;
    /** Longest time without a source before the session gives up. Default 60 000 ms. */
    readonly maxOutageMs: number;
    /** A source that delivered less media than this counts as a failure. Default 5 000 ms. */
    readonly minDeliveredMs: number;
    /** Failures of one kind within `windowMs` that end the session; 0 switches recovery off. Default 3. */
    readonly maxFailures: number;
    /** Default 180 000 ms. */
    readonly windowMs: number;
    /** Attempts of any outcome within `windowMs` that end the session. Default 15. */
    readonly maxAttempts: number;
    /** Wait before the second and later attempts of one recovery. Default 500 ms, doubling to at most 5 000 ms. */
    readonly retryDelayMs: number;
  };
  readonly linger: {
    /** How long a session outlives its last client. Default 15 000 ms. */
    readonly ms: number;
  };
  readonly client: {
    /** No socket progress for so long ends a client. Default 300 000 ms. */
    readonly stallTimeoutMs: number;
    /** A drained client gets a null packet this long after its last byte. Default 1 000 ms. */
    readonly keepAliveMs: number;
    /** Longest time null packets stand in for media. Default 60 000 ms. */
    readonly keepAliveMaxMs: number;
  };
  readonly limits: {
    /** Default 1 000. */
    readonly clientsPerSession: number;
    /** Default 200. */
    readonly sessions: number;
    /** Rings and stalled clients' kernel buffers together. Default min(2 GiB, 25 % of the cgroup's or host's memory). */
    readonly memoryBytes: number;
    /** From the start of an attempt to its first byte. Default 60 000 ms. */
    readonly firstByteMs: number;
    /** The furthest `extend` can move that deadline, from the start of the attempt. Default 120 000 ms. */
    readonly firstByteCapMs: number;
  };
  /** Program number to follow when the PAT has several; default the first one with video. */
  readonly programNumber: number | undefined;
}
