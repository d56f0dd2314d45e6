import type { ServerResponse } from 'node:http';
import { ApiError } from '../api-error.ts';
import type { Config } from '../config/config.ts';

export type PlaybackLimits = Pick<Config, 'startTimeoutMs' | 'statusHoldMs' | 'firstByteTimeoutMs'>;

/** Reason of the signal when the player is gone. */
export class ViewerLeft extends Error {
  override readonly name = 'ViewerLeft';
}

/**
 * How long a player waits, and what it is told meanwhile.
 *
 *     request ──── lease, engine's answer ────▶ opened ──── hold ────▶ 200 ──── …first bytes
 *             ≤ startTimeoutMs, else an error           ≤ statusHoldMs     ≤ firstByteTimeoutMs in all
 */
export class PlaybackWait {
  readonly #controller = new AbortController();
  readonly #limits: PlaybackLimits;
  readonly #start: NodeJS.Timeout;
  readonly #total: NodeJS.Timeout;
  #hold: NodeJS.Timeout | undefined;

  /** `withdrawn` aborts when the player may not play any more. */
  constructor(response: ServerResponse, limits: PlaybackLimits, withdrawn: AbortSignal | undefined) {
    this.#limits = limits;
    const { startTimeoutMs, firstByteTimeoutMs } = limits;
    const expire = (code: string, message: string): void =>
      this.#controller.abort(new ApiError(504, code, message, { retryable: true }));
    this.#start = setTimeout(
      expire,
      startTimeoutMs,
      'engine_timeout',
      `No engine answered within ${startTimeoutMs} ms.`,
    );
    this.#total = setTimeout(expire, firstByteTimeoutMs, 'no_data', `No data arrived within ${firstByteTimeoutMs} ms.`);
    withdrawn?.addEventListener('abort', () => this.#controller.abort(withdrawn.reason));
    response.once('close', () => this.#controller.abort(new ViewerLeft('The player closed the connection')));
  }

  /** Aborts when the player left, may not play any more, or has waited long enough. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** An engine has answered: the status may wait for the first bytes a little longer, then `commit` sends it. */
  opened(commit: () => void): void {
    clearTimeout(this.#start);
    this.#hold ??= setTimeout(commit, this.#limits.statusHoldMs);
  }

  /** Nothing is waited for any more; the player may still leave. */
  over(): void {
    clearTimeout(this.#start);
    clearTimeout(this.#total);
    clearTimeout(this.#hold);
  }
}
