import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';

export interface StartDiagnosesOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
}

/** A runtime has so long to look at an engine; removing that is more urgent than knowing why. */
const limitMs = 5_000;

/** Asks the runtime, while an engine still exists, why it was not ready in time. */
export class StartDiagnoses {
  readonly #options: StartDiagnosesOptions;
  readonly #asked = new Set<string>();
  readonly #closing = new AbortController();

  constructor(options: StartDiagnosesOptions) {
    this.#options = options;
  }

  /**
   * Calls `done` with what the runtime found, with undefined when it found nothing; at once when it cannot look. An
   * engine that is being looked at is not looked at again, and nothing is called after {@link close}.
   */
  ask(engineId: string, done: (found: Error | undefined) => void): void {
    const { runtime, clock } = this.#options;
    if (this.#asked.has(engineId)) return;
    if (runtime.diagnose === undefined) return done(undefined);
    this.#asked.add(engineId);
    const { signal } = this.#closing;
    const timeoutReason = (): Error => new Error(`${engineId} was not diagnosed within ${limitMs} ms`);
    limitTime(async (attempt) => runtime.diagnose?.(engineId, { signal: attempt }), {
      clock,
      ms: limitMs,
      timeoutReason,
      signal,
    })
      // That nothing is known about it is no reason to keep it.
      .catch(() => undefined)
      .then((found) => {
        this.#asked.delete(engineId);
        if (!signal.aborted) done(found);
      });
  }

  close(): void {
    this.#closing.abort(new Error('The orchestrator is closed'));
  }
}
