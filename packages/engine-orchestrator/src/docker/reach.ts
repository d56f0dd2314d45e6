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
 * What a host says to a connection. `refused`: its process is not ready yet, or listens elsewhere, which is no matter of the
 * network. `silent`: nothing came back in time, so it cannot be reached at all.
 */
export type Reach = 'open' | 'refused' | 'silent';

/** Tries to connect until there is any sign of the other side, or the time is up. */
export async function reach(host: string, port: number, options: ReachOptions): Promise<Reach> {
  const { clock, signal, timeoutMs = 6_000 } = options;
  const givesUpAt = clock.now() + timeoutMs;
  while (!signal.aborted) {
    const found = await connectOnce(host, port, Math.min(attemptMs, givesUpAt - clock.now()), options);
    if (found !== 'silent') return found;
    if (clock.now() + pauseMs >= givesUpAt) break;
    await pause(clock, pauseMs, signal);
  }
  signal.throwIfAborted();
  return 'silent';
}

function connectOnce(host: string, port: number, ms: number, { clock, signal }: ReachOptions): Promise<Reach> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (found: Reach): void => {
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve(found);
    };
    const onAbort = (): void => end('silent');
    const cancelTimer = clock.after(ms, () => end('silent'));
    signal.addEventListener('abort', onAbort);
    socket.once('connect', () => end('open'));
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      end(code === 'ECONNREFUSED' || code === 'ECONNRESET' ? 'refused' : 'silent'),
    );
  });
}
