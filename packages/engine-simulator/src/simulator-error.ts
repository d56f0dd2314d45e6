/** `listen-failed`: the address is in use or not this machine's. */
export type SimulatorErrorCode = 'listen-failed';

/** A failure of the simulator itself (never one it simulates). Wrong options are `TypeError` or `RangeError`. */
export class SimulatorError extends Error {
  readonly code: SimulatorErrorCode;
  readonly retryable: boolean;

  constructor(
    code: SimulatorErrorCode,
    message: string,
    options: { readonly cause: unknown; readonly retryable: boolean },
  ) {
    const reason = options.cause instanceof Error ? `: ${options.cause.message}` : '';
    super(`${message}${reason}`, { cause: options.cause });
    this.name = 'SimulatorError';
    this.code = code;
    this.retryable = options.retryable;
  }
}
