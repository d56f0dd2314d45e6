import { OrchestratorError } from '../orchestrator-error.ts';
import type { EngineRequest, EngineRuntime, RuntimeEngine, RuntimeProgress } from '../runtime/engine-runtime.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import type { Purpose } from './provisioning.ts';

export interface BuilderOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  /** A call that makes no progress for so long is given up. */
  readonly stallMs: number;
  /** Lists the engines; resolves after a listing that began later than the call. */
  readonly refresh: () => Promise<void>;
  readonly onProgress: (purpose: Purpose, progress: RuntimeProgress) => void;
}

/** An engine that is being made. */
export interface Build {
  readonly purpose: Purpose;
  /** Monotonic. */
  readonly startedAt: number;
  /** Known once it exists. */
  engineId: string | undefined;
  progress: RuntimeProgress | undefined;
}

/** What became of a build. */
export type BuildResult = { readonly engine: RuntimeEngine } | { readonly error: unknown };

/** Makes engines. One that is being made is in {@link builds} until a listing shows it, so that none is overlooked. */
export class EngineBuilder {
  readonly #options: BuilderOptions;
  readonly #builds = new Set<Build>();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  /** Calls of the runtime that have not ended, also those that nobody waits for any more. */
  readonly #calls = new Set<Promise<unknown>>();

  constructor(options: BuilderOptions) {
    this.#options = options;
  }

  get builds(): ReadonlySet<Build> {
    return this.#builds;
  }

  /**
   * Resolves when the engine exists, runs, and is listed. Rejects with the runtime's error; what is left of it is listed
   * then. `onEnd` is called at the very moment at which it stops being one of {@link builds}.
   */
  build(request: EngineRequest, purpose: Purpose, onEnd: (result: BuildResult) => void): Promise<RuntimeEngine> {
    const build: Build = {
      purpose,
      startedAt: this.#options.clock.now(),
      engineId: undefined,
      progress: undefined,
    };
    this.#builds.add(build);
    const end = (result: BuildResult): void => {
      this.#builds.delete(build);
      onEnd(result);
    };
    const work = this.#build(request, build);
    work.then(
      (engine) => end({ engine }),
      (error: unknown) => end({ error }),
    );
    this.#running.add(work);
    work.catch(() => {}).finally(() => this.#running.delete(work));
    return work;
  }

  /** Gives up what is being made. */
  async close(): Promise<void> {
    this.#closing.abort(new OrchestratorError('closed', 'The orchestrator is closed'));
    await Promise.allSettled(this.#running);
  }

  /** Resolves when the runtime makes no engine any more, given up or not; undefined when none is being made. */
  callsOver(): Promise<unknown> | undefined {
    return this.#calls.size + this.#builds.size === 0 ? undefined : Promise.allSettled(this.#calls);
  }

  async #build(request: EngineRequest, build: Build): Promise<RuntimeEngine> {
    const { clock, runtime, stallMs, refresh } = this.#options;
    const { signal } = this.#closing;
    try {
      const engine = await this.#create(request, build);
      build.engineId = engine.id;
      const timeoutReason = (): Error => new Error(`The engine ${engine.name} did not start within ${stallMs} ms`);
      await limitTime(async (attempt) => runtime.start?.(engine.id, { signal: attempt }), {
        clock,
        ms: stallMs,
        timeoutReason,
        signal,
      });
      return engine;
    } finally {
      if (build.engineId !== undefined && !signal.aborted) await refresh();
    }
  }

  /** The time limit begins again with every sign of progress: an image may take long to get. */
  #create(request: EngineRequest, build: Build): Promise<RuntimeEngine> {
    const { clock, runtime, stallMs, onProgress } = this.#options;
    const stalled = new AbortController();
    let cancelTimer = (): void => {};
    const restartTimer = (): void => {
      cancelTimer();
      const giveUp = (): void => stalled.abort(new Error(`Making an engine made no progress for ${stallMs} ms`));
      cancelTimer = clock.after(stallMs, giveUp);
    };
    restartTimer();
    const signal = AbortSignal.any([this.#closing.signal, stalled.signal]);
    return new Promise<RuntimeEngine>((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      const options = {
        signal,
        onProgress: (progress: RuntimeProgress) => {
          if (signal.aborted) return;
          restartTimer();
          build.progress = progress;
          onProgress(build.purpose, progress);
        },
      };
      const call = new Promise<RuntimeEngine>((settle) => settle(runtime.create!(request, options)));
      this.#calls.add(call);
      call.then(resolve, reject).finally(() => this.#calls.delete(call));
    }).finally(() => cancelTimer());
  }
}
