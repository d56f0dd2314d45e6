export type AceErrorCode =
  /** The request names no content, several, or one in a form that no engine takes. */
  | 'bad_content'
  /** The engine cannot load this content: it does not exist or nobody offers it. */
  | 'content_dead'
  /** The engine accepted the request and did not answer in time. */
  | 'engine_hung'
  /** The engine answered that it will not do it. */
  | 'engine_refused'
  /** Nothing answers at its address, or the connection broke before an answer. */
  | 'engine_unreachable'
  /** The answer breaks HTTP, is no JSON, or lacks what it must have. */
  | 'bad_response'
  /** The engine does not know this session (any more). */
  | 'session_gone'
  /** The engine dropped this start in favour of a newer one. */
  | 'superseded'
  /** The content is on demand and not live, which is not supported. */
  | 'vod_not_supported';

export interface AceErrorOptions {
  readonly cause?: unknown;
  /** What the engine said, word for word (at most 200 characters). */
  readonly engineMessage?: string | undefined;
  /** Default: what the code usually means. */
  readonly outcome?: 'content-bad' | 'content-dead' | 'engine-bad';
}

interface Meaning {
  readonly retryable: boolean;
  readonly outcome: 'content-bad' | 'content-dead' | 'engine-bad' | undefined;
}

/** What each code usually means for the next try, and whom to blame. */
const meanings: Readonly<Record<AceErrorCode, Meaning>> = {
  bad_content: { retryable: false, outcome: undefined },
  content_dead: { retryable: true, outcome: 'content-dead' },
  engine_hung: { retryable: true, outcome: 'engine-bad' },
  engine_refused: { retryable: true, outcome: 'content-bad' },
  engine_unreachable: { retryable: true, outcome: 'engine-bad' },
  bad_response: { retryable: true, outcome: 'engine-bad' },
  session_gone: { retryable: true, outcome: undefined },
  superseded: { retryable: true, outcome: undefined },
  vod_not_supported: { retryable: false, outcome: undefined },
};

/** Everything that can go wrong between us and an engine. */
export class AceError extends Error {
  readonly code: AceErrorCode;
  /** Whether the same call may succeed later, or on another engine. */
  readonly retryable: boolean;
  /** What to release the lease with; undefined when neither the content nor the engine is to blame. */
  readonly outcome: 'content-bad' | 'content-dead' | 'engine-bad' | undefined;
  readonly engineMessage: string | undefined;

  constructor(code: AceErrorCode, message: string, options: AceErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'AceError';
    this.code = code;
    this.retryable = meanings[code].retryable;
    this.outcome = options.outcome ?? meanings[code].outcome;
    this.engineMessage = options.engineMessage;
  }
}
