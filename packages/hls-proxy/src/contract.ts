/** What the proxy tells an application: events, statistics, settings. */

/** Time and timers. Inject a fake one in tests; the default is monotonic. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Unix milliseconds, for what people read. */
  wallNow(): number;
  /** Calls `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** Why a session closed. `ended`: its stream was over. `source_failed`: no source for `recovery.maxOutageMs`. */
export type SessionEndReason =
  | 'idle'
  | 'reclaimed'
  | 'stopped'
  | 'shutdown'
  | 'ended'
  | 'open_failed'
  | 'source_failed';

/** Why a viewer is one no more: with its session, by itself (`idle`), or because it was let go by `revoke`. */
export type ViewerEndReason = SessionEndReason | 'revoked';

/**
 * `opening`: no playable window yet. `live`. `recovering`: playable, its source failed and another one is opened.
 * `ended`: the stream is over and still served.
 */
export type SessionState = 'opening' | 'live' | 'recovering' | 'ended' | 'closed';

/** Somebody who polls, once a first segment has been asked for. */
export interface ViewerStats {
  /** Its token, a part of every URL it uses. */
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  /** Unix time in milliseconds. */
  readonly connectedAt: number;
  /** Unix time in milliseconds of its last request. */
  readonly lastActiveAt: number;
  /** Bodies of playlists and segments. */
  readonly bytesSent: number;
  /** Milliseconds of media that are there, after what it took last. What it has buffered itself is not in it. */
  readonly lagMs: number;
  /** Times it went on further than the next segment. */
  readonly skips: number;
  /** It takes parts of segments. */
  readonly lowLatency: boolean;
}

/** A frozen snapshot of one session. */
export interface SessionStats {
  readonly key: string;
  readonly state: SessionState;
  /** Unix time in milliseconds. */
  readonly startedAt: number;
  readonly lingering: boolean;
  readonly viewers: readonly ViewerStats[];
  readonly window: {
    readonly mediaSequence: number;
    readonly discontinuitySequence: number;
    /** Complete segments that are listed. */
    readonly segments: number;
    readonly durationMs: number;
    /** Segments that have left the list and are still served. */
    readonly retired: number;
    /** Everything that is kept. */
    readonly bytes: number;
    readonly targetDurationMs: number;
    /** What low-latency players are told to stay behind; undefined without parts. */
    readonly partHoldBackMs: number | undefined;
  };
  readonly segments: {
    readonly total: number;
    readonly lost: number;
    /** Longer than the target duration: their EXTINF says less than the truth. */
    readonly overlong: number;
  };
  readonly requests: RequestCounts;
  readonly sourcesOpened: number;
  readonly bytesIn: number;
  readonly bytesSent: number;
}

/** Requests answered. */
export interface RequestCounts {
  readonly playlists: number;
  /** Playlists that were written anew: the others were answered from memory as they were. */
  readonly playlistsBuilt: number;
  readonly segments: number;
  /** Segments and parts that were there when asked for; the others were waited for. */
  readonly segmentHits: number;
}

/** A frozen snapshot of the whole proxy. */
export interface HlsProxyStats {
  readonly sessions: readonly SessionStats[];
  readonly viewers: number;
  readonly memory: { readonly usedBytes: number; readonly limitBytes: number };
  /** Totals since the proxy was made, closed sessions included. */
  readonly totals: RequestCounts & {
    readonly sessions: number;
    readonly viewers: number;
    readonly bytesIn: number;
    readonly bytesSent: number;
  };
}

/** Lifecycle, told once per event. What a hook throws becomes a process warning and changes nothing. */
export interface HlsProxyHooks {
  sessionStart?(event: { key: string }): void;
  sessionLive?(event: { key: string; firstPlaylistMs: number }): void;
  /**
   * The last one who used a session has left: unless somebody comes, it ends after `linger.ms`. A wait that is over may
   * become a viewer within the same turn of the event loop, so call `reclaim` in a later one.
   */
  sessionLinger?(event: { key: string }): void;
  sessionEnd?(event: {
    key: string;
    reason: SessionEndReason;
    durationMs: number;
    segments: number;
    bytesSent: number;
    /** The last failure, for `open_failed` and `source_failed`. */
    error: unknown;
  }): void;
  /** A source failed; another one is opened, unless this one was to take over (`move`) or the session ends. */
  sourceEnd?(event: { key: string; attempt: number; segments: number; error: unknown }): void;
  /** `move` went over to another source, the one of this attempt. */
  moved?(event: { key: string; attempt: number }): void;
  /** A segment is complete or lost. */
  segment?(event: {
    key: string;
    sequence: number;
    durationMs: number;
    byteLength: number;
    fetchMs: number;
    lost: boolean;
  }): void;
  /** A playlist was answered. `durationMs` includes waiting, for the first window or in a blocking reload. */
  playlist?(event: { key: string; durationMs: number; waited: boolean; built: boolean; lowLatency: boolean }): void;
  viewerStart?(event: { key: string; viewer: string; address: string; userAgent: string }): void;
  viewerEnd?(event: {
    key: string;
    viewer: string;
    address: string;
    userAgent: string;
    reason: ViewerEndReason;
    durationMs: number;
    bytesSent: number;
  }): void;
  /** A source's `close` rejected: an outside fault that changed nothing here. */
  closeFailed?(event: { key: string; error: unknown }): void;
}

/** Settings of {@link HlsProxy}; every field is optional there, with the default given here. */
export interface HlsProxySettings {
  readonly segment: {
    /** EXT-X-TARGETDURATION of sources that do not say theirs. Default 6 000 ms, whole seconds. */
    readonly targetDurationMs: number;
    /** Longest part. A session whose parts are longer has no low-latency playlist. Default 333 ms. */
    readonly partTargetMs: number;
  };
  readonly window: {
    /** Listed segments; more while they are shorter than five target durations together. Default 8. */
    readonly segments: number;
    /** Segments of the first playlist. Default 3. */
    readonly minSegments: number;
    /** Longest wait for the first playlist; then what is there, or `not_ready`. Default 30 000 ms. */
    readonly firstPlaylistMs: number;
  };
  readonly viewer: {
    /** A viewer has left after three target durations and this. Default 10 000 ms. */
    readonly idleMarginMs: number;
  };
  readonly linger: {
    /** How long a session outlives its last viewer. Default 15 000 ms. */
    readonly ms: number;
    /** How long a closed session's sequence numbers and URLs are remembered. Default 3 600 000 ms. */
    readonly rememberMs: number;
  };
  readonly recovery: {
    /** Attempts to open a first source. Default 3. */
    readonly openAttempts: number;
    /** Longest time without a segment before the session gives up. Default 60 000 ms. */
    readonly maxOutageMs: number;
    /** Wait before the second attempt, doubling to at most 5 000 ms. Default 500 ms. */
    readonly retryDelayMs: number;
  };
  readonly limits: {
    /** Default 200. */
    readonly sessions: number;
    /** Default 1 000. */
    readonly viewersPerSession: number;
    /** Bytes a session keeps at most; three segments are kept whatever they weigh. Default 256 MiB. */
    readonly sessionBytes: number;
    /** The same for all sessions, in equal shares. Default 1 GiB. */
    readonly memoryBytes: number;
  };
  /** Low-latency tags unless a request says `ll=0`; otherwise only when it says `ll=1`. Default false. */
  readonly lowLatency: boolean;
}
