import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import { retryDelayMs } from '../runtime/retry-delay.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import { pause } from '../time/pause.ts';

export interface RemoverOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  /** Lists the engines; resolves after a listing that began later than the call. */
  readonly refresh: () => Promise<void>;
  readonly onFailed: (engineId: string, error: unknown) => void;
}

/** How long a process has to end by itself. */
const graceMs = 3_000;
/** Time limit of one call of the runtime. */
const callTimeoutMs = 30_000;

/** Removes and restarts engines. {@link jobOf} tells what is done to one until a listing shows what became of it. */
export class EngineRemover {
  readonly #options: RemoverOptions;
  readonly #jobs = new Map<string, { readonly kind: 'remove' | 'restart'; readonly done: Promise<boolean> }>();
  readonly #failures = new Map<string, number>();
  readonly #closing = new AbortController();

  constructor(options: RemoverOptions) {
    this.#options = options;
  }

  jobOf(engineId: string): 'remove' | 'restart' | undefined {
    return this.#jobs.get(engineId)?.kind;
  }

  /** Resolves with whether it is gone. After a failure the engine is left alone for a while, longer each time. */
  remove(engineId: string, grace: number = graceMs): Promise<boolean> {
    return this.#work(engineId, 'remove', async () => {
      const { runtime } = this.#options;
      // A process that cannot be stopped may still be removed.
      if (grace > 0) {
        await this.#call((signal) => runtime.stop?.(engineId, { signal, graceMs: grace })).catch(() => {});
      }
      await this.#call((signal) => runtime.remove?.(engineId, { signal }));
    });
  }

  /** Resolves with whether its process was started anew. */
  restart(engineId: string): Promise<boolean> {
    return this.#work(engineId, 'restart', async () => {
      const { runtime } = this.#options;
      await this.#call((signal) => runtime.stop?.(engineId, { signal, graceMs }));
      await this.#call((signal) => runtime.start?.(engineId, { signal }));
    });
  }

  /** It is gone; so is what is remembered of it. */
  forget(engineId: string): void {
    this.#failures.delete(engineId);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The orchestrator is closed'));
    await Promise.all([...this.#jobs.values()].map(({ done }) => done));
  }

  /** One job of an engine at a time: whoever comes second shares the first one's outcome, unless it asked for another. */
  async #work(engineId: string, kind: 'remove' | 'restart', work: () => Promise<void>): Promise<boolean> {
    const running = this.#jobs.get(engineId);
    if (running !== undefined) return (await running.done) && running.kind === kind;
    const done = this.#try(engineId, work).finally(() => this.#jobs.delete(engineId));
    this.#jobs.set(engineId, { kind, done });
    return done;
  }

  async #try(engineId: string, work: () => Promise<void>): Promise<boolean> {
    const { clock, refresh, onFailed } = this.#options;
    const { signal } = this.#closing;
    try {
      await work();
      this.#failures.delete(engineId);
      await refresh();
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      const failures = (this.#failures.get(engineId) ?? 0) + 1;
      this.#failures.set(engineId, failures);
      onFailed(engineId, error);
      await pause(clock, retryDelayMs(failures), signal);
      return false;
    }
  }

  #call(call: (signal: AbortSignal) => Promise<void> | undefined): Promise<void> {
    const { clock, runtime } = this.#options;
    return limitTime(async (signal) => call(signal), {
      clock,
      ms: callTimeoutMs,
      signal: this.#closing.signal,
      timeoutReason: () => new Error(`The ${runtime.kind} runtime did not answer within ${callTimeoutMs} ms`),
    });
  }
}
