/** An error that is told to the client as it stands. */
export class ApiError extends Error {
  readonly statusCode: number;
  /** Stable, in snake_case. */
  readonly code: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Sent as `Retry-After`. */
  readonly retryAfterSeconds: number | undefined;
  /** Further fields of the `error` object. */
  readonly details: Readonly<Record<string, unknown>>;
  /** What the 1.5 release put into `detail`. */
  readonly detail: string | Readonly<Record<string, unknown>>;

  constructor(statusCode: number, code: string, message: string, options: ApiErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.statusCode = statusCode;
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.details = options.details ?? {};
    this.detail = options.detail ?? message;
  }
}

export interface ApiErrorOptions {
  readonly cause?: unknown;
  /** Default false. */
  readonly retryable?: boolean;
  readonly retryAfterSeconds?: number | undefined;
  readonly details?: Readonly<Record<string, unknown>>;
  /** Default the message. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** The body of every error. `detail` is where clients of the 1.5 release look. */
export interface ErrorBody {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly retryable: boolean;
    readonly request_id: string;
    readonly [detail: string]: unknown;
  };
  readonly detail: string | Readonly<Record<string, unknown>>;
}

export function errorBody(error: ApiError, requestId: string): ErrorBody {
  const { code, message, retryable, details, detail } = error;
  return { error: { code, message, retryable, request_id: requestId, ...details }, detail };
}
