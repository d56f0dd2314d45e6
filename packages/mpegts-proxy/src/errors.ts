import type { SourceEndReason } from './contract.ts';

export type MpegTsProxyErrorCode =
  /** Every attempt to open a source failed before a byte arrived; `cause` is the last failure. */
  | 'open_failed'
  /** The session ended while the join waited. */
  | 'session_ended'
  /** `limits.clientsPerSession` reached. */
  | 'too_many_clients'
  /** `limits.sessions` reached. */
  | 'too_many_sessions'
  /** The memory budget cannot hold another ring. */
  | 'out_of_memory'
  /** The proxy is closed. */
  | 'closed';

/** Rejections of {@link MpegTsProxy}. */
export class MpegTsProxyError extends Error {
  readonly code: MpegTsProxyErrorCode;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;

  constructor(code: MpegTsProxyErrorCode, message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.name = 'MpegTsProxyError';
    this.code = code;
    this.retryable = options.retryable ?? true;
  }
}

export type SourceErrorCode =
  /** Nothing listens there, or the name does not resolve. */
  | 'unreachable'
  /** The connection broke. */
  | 'connection_reset'
  /** The peer broke HTTP itself (a second status line, an invalid header). */
  | 'broken_http'
  /** A status other than 2xx; `status` has it. */
  | 'bad_status'
  /** A redirect to another host, without a location, or one too many. */
  | 'bad_redirect'
  /** A body that is not a transport stream. */
  | 'not_mpegts'
  /** No first byte in time. */
  | 'timeout'
  /** The opener's own reason. */
  | 'other';

/** What an opener rejects with, and how a source fails. Anything else an opener throws counts as `refused`. */
export class SourceError extends Error {
  readonly reason: SourceEndReason;
  readonly code: SourceErrorCode;
  /** Whether another attempt may succeed. A session stops trying at the first failure that is not retryable. */
  readonly retryable: boolean;
  readonly status: number | undefined;

  constructor(
    reason: SourceEndReason,
    code: SourceErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean; status?: number } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'SourceError';
    this.reason = reason;
    this.code = code;
    this.retryable = options.retryable ?? true;
    this.status = options.status;
  }
}
