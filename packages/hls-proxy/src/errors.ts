export type HlsProxyErrorCode =
  /** Every attempt to open the source failed before a segment; `cause` is the last failure. */
  | 'open_failed'
  /** No playable window within `window.firstPlaylistMs`. */
  | 'not_ready'
  /** The session ended while the request waited. */
  | 'session_ended'
  /** A blocking reload waited longer than three target durations (RFC 8216bis §6.2.5.2). */
  | 'reload_timeout'
  /** `_HLS_msn` or `_HLS_part` make no sense, or lie too far ahead. */
  | 'bad_directive'
  /** No such stream, viewer or segment: never there, gone, or lost. */
  | 'not_found'
  /** A method other than GET, HEAD and OPTIONS. */
  | 'bad_method'
  /** What the viewer was let in with has been revoked. */
  | 'revoked'
  /** `limits.sessions` reached, and none lingers. */
  | 'too_many_sessions'
  /** `limits.viewersPerSession` reached. */
  | 'too_many_viewers'
  /** The proxy is closed. */
  | 'closed'
  /** `fromPlaylist`: nothing answers there. */
  | 'upstream_unreachable'
  /** `fromPlaylist`: a status other than 200 or 206; the message has it. */
  | 'upstream_status'
  /** `fromPlaylist`: not a playlist, or none that can be played. */
  | 'bad_playlist'
  /** `fromPlaylist`: nothing new for `giveUpMs`. */
  | 'upstream_stale'
  /** `fromPlaylist`: an answer larger than `maxSegmentBytes`. */
  | 'too_large';

/** The HTTP status that says it best. */
const STATUS: Readonly<Record<HlsProxyErrorCode, number>> = {
  open_failed: 502,
  not_ready: 503,
  session_ended: 503,
  reload_timeout: 503,
  bad_directive: 400,
  not_found: 404,
  bad_method: 405,
  revoked: 403,
  too_many_sessions: 503,
  too_many_viewers: 503,
  closed: 503,
  upstream_unreachable: 502,
  upstream_status: 502,
  bad_playlist: 502,
  upstream_stale: 502,
  too_large: 502,
};

/** What {@link HlsProxy} and {@link fromPlaylist} reject with. */
export class HlsProxyError extends Error {
  readonly code: HlsProxyErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** HTTP status for this answer. */
  readonly status: number;
  /** When to come back, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** HTTP status that the upstream answered with, for `upstream_status` where it was one. */
  readonly upstreamStatus: number | undefined;

  constructor(
    code: HlsProxyErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean; retryAfterSeconds?: number; upstreamStatus?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'HlsProxyError';
    this.code = code;
    this.status = STATUS[code];
    this.retryable = options.retryable ?? this.status >= 500;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.upstreamStatus = options.upstreamStatus;
  }
}

/** Whether a failure says of itself that trying again is useless. */
export function isFinal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'retryable' in error && error.retryable === false;
}

/** When a failure says to come back. */
export function retryAfterOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('retryAfterSeconds' in error)) return undefined;
  return typeof error.retryAfterSeconds === 'number' ? error.retryAfterSeconds : undefined;
}
