/** A request that brought no answer to work with. */
export class ApiProblem extends Error {
  /** HTTP status; 0 when the server was not reached. */
  readonly status: number;
  /** From the server's error contract, or `unreachable`, `bad_answer`. */
  readonly code: string;
  readonly retryable: boolean;

  constructor(
    message: string,
    { status, code, retryable, cause }: { status: number; code: string; retryable: boolean; cause?: unknown },
  ) {
    super(message, { cause });
    this.name = 'ApiProblem';
    this.status = status;
    this.code = code;
    this.retryable = retryable;
  }

  /** Whether the server does not know what was asked for at all, as one of another version may not. */
  get isMissingRoute(): boolean {
    return this.status === 404 && this.code === 'not_found';
  }

  /** Whether a key, or another one, would help. */
  get isDenied(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** What an answer other than 2xx says. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const { status } = response;
  const body: unknown = await response.json().catch(() => undefined);
  const error = (body as { error?: { code?: unknown; message?: unknown; retryable?: unknown } } | undefined)?.error;
  return new ApiProblem(typeof error?.message === 'string' ? error.message : `The server answered ${status}.`, {
    status,
    code: typeof error?.code === 'string' ? error.code : 'bad_answer',
    retryable: error?.retryable === true || status >= 500,
  });
}

/** What a person reads when something went wrong. */
export function problemText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
