import type { Config } from './config/config.ts';
import type { Log } from './log.ts';

/** The orchestrator gives up a removal before that. */
const removalMs = 10_000;

/** How long a stop may take. Engines are removed after their streams have ended, and must not be left half removed. */
export function exitTimeoutMs(
  {
    shutdownTimeoutMs,
    enginesOnExit,
    stopTimeoutMs,
  }: Pick<Config, 'shutdownTimeoutMs' | 'enginesOnExit' | 'stopTimeoutMs'>,
  areManaged: boolean,
): number {
  if (!areManaged || enginesOnExit === 'keep') return shutdownTimeoutMs;
  return Math.max(shutdownTimeoutMs, stopTimeoutMs + removalMs);
}

interface StopOptions {
  readonly log: Log;
  /** What has not closed so long after the signal is cut off. */
  readonly timeoutMs: () => number;
  /** Counts an error that nobody handled; called before `close`. */
  readonly onFault: (message: string) => void;
  readonly close: () => Promise<void>;
}

/** Drains on the first signal or unhandled fault; exits at once on the second. */
export function stopOnSignal({ log, timeoutMs, onFault, close }: StopOptions): void {
  let stopping = false;
  const stop = (exitCode: number): void => {
    if (stopping) process.exit(exitCode === 0 ? 1 : exitCode);
    stopping = true;
    const deadline = setTimeout(() => process.exit(exitCode), timeoutMs());
    close()
      .catch((error: unknown) => log.error({ err: error }, 'did not close cleanly'))
      .finally(() => {
        clearTimeout(deadline);
        process.exit(exitCode);
      });
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      log.info({ signal }, 'shutting down');
      stop(0);
    });
  }
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error: unknown) => {
      log.fatal({ err: error }, `${event}: shutting down`);
      if (!stopping) onFault(`${event}: ${String(error).slice(0, 300)}`);
      stop(1);
    });
  }
}
