import type { RuntimeFailure } from '../runtime/engine-runtime.ts';

/** A failure of a runtime with nothing left open. */
export interface ReadFailure {
  readonly message: string;
  readonly retryable: boolean;
  readonly blocks: NonNullable<RuntimeFailure['blocks']>;
  readonly unavailable: boolean;
  readonly retryAfterMs: number;
}

/** What an error of a runtime says about itself. */
export function readFailure(error: unknown): ReadFailure {
  const message = error instanceof Error ? error.message : String(error);
  const { retryable, blocks, unavailable, retryAfterMs }: RuntimeFailure =
    typeof error === 'object' && error !== null ? error : {};
  return {
    message,
    retryable: retryable !== false,
    blocks: blocks ?? 'general_error',
    unavailable: unavailable === true,
    retryAfterMs: retryAfterMs ?? 0,
  };
}
