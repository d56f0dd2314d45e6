import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';
import type { EngineRuntime, RuntimeEvent } from './engine-runtime.ts';
import { retryDelayMs } from './retry-delay.ts';

export interface FollowOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly signal: AbortSignal;
  /** Something may have changed: an event of this type came, or any may have been missed. */
  readonly onChange: (type?: RuntimeEvent['type']) => void;
  readonly onBroken: (error: unknown) => void;
}

/** Follows the events of a runtime until the signal aborts, and opens the stream again when it ends or breaks. */
export async function followEvents({ clock, runtime, signal, onChange, onBroken }: FollowOptions): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await readEvents(runtime, signal, ({ type }) => {
        failures = 0;
        onChange(type);
      });
      if (signal.aborted) return;
      onBroken(new Error(`The event stream of the ${runtime.kind} runtime ended`));
    } catch (error) {
      if (signal.aborted) return;
      onBroken(error);
    }
    failures += 1;
    await pause(clock, retryDelayMs(failures), signal);
    if (!signal.aborted) onChange();
  }
}

/** Resolves when the stream ends or the signal aborts, even if the stream ignores that; rejects when it breaks. */
function readEvents(
  runtime: EngineRuntime,
  signal: AbortSignal,
  onEvent: (event: RuntimeEvent) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const iterator = runtime.events?.({ signal })[Symbol.asyncIterator]();
    if (iterator === undefined) return resolve();
    const onAbort = (): void => {
      resolve();
      iterator.return?.().catch(() => {});
    };
    const readNext = (): void => {
      iterator
        .next()
        .then(({ done, value }) => {
          if (signal.aborted || done) return finish(resolve);
          onEvent(value);
          readNext();
        })
        .catch((error: unknown) => finish(() => reject(error)));
    };
    const finish = (settle: () => void): void => {
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    signal.addEventListener('abort', onAbort);
    readNext();
  });
}
