import { connect } from 'node:net';
import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';

export interface ReachOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Gives up after so long without a sign of the other side. Default 6 000 ms. */
  readonly timeoutMs?: number;
}

/** Longest wait for an answer to one attempt; what is thrown away on the way never gets one. */
const attemptMs = 2_000;
const pauseMs = 250;

/**
 * Whether a host can be reached at all. A connection that it refuses shows that as well as one that it accepts: then its
 * process is not ready yet, which is no matter of the network.
 */
export async function canReach(host: string, port: number, options: ReachOptions): Promise<boolean> {
  const { clock, signal, timeoutMs = 6_000 } = options;
  const givesUpAt = clock.now() + timeoutMs;
  while (!signal.aborted) {
    if (await answers(host, port, Math.min(attemptMs, givesUpAt - clock.now()), options)) return true;
    if (clock.now() + pauseMs >= givesUpAt) break;
    await pause(clock, pauseMs, signal);
  }
  signal.throwIfAborted();
  return false;
}

function answers(host: string, port: number, ms: number, { clock, signal }: ReachOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isAnswer: boolean): void => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(isAnswer);
    };
    const onAbort = (): void => end(false);
    const cancelTimer = clock.after(ms, () => end(false));
    signal.addEventListener('abort', onAbort);
    socket.once('connect', () => end(true));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => end(code === 'ECONNREFUSED' || code === 'ECONNRESET'));
  });
}
