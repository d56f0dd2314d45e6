import type { EngineRuntime, RuntimeStats } from '../runtime/engine-runtime.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import { untilAborted } from '../time/until-aborted.ts';

/** One measurement of all engines that run. Frozen. */
export interface EngineStats {
  /** Unix milliseconds. */
  readonly at: number;
  /** By engine id. */
  readonly engines: ReadonlyMap<string, RuntimeStats>;
}

export interface CollectorOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  /** Engines that run now. */
  readonly engineIds: () => readonly string[];
  readonly onCollected: (event: { engines: number; durationMs: number; ok: boolean }) => void;
}

/** Who asked counts as a reader for so long. */
const readerMs = 10_000;
const collectTimeoutMs = 15_000;

/** Time between two collections: many engines change more often, and one collection is one call for all of them. */
function intervalMs(engines: number): number {
  return engines >= 6 ? 2_000 : 3_000;
}

/**
 * Measures the engines while somebody reads the figures: readers share one collection, and get what is newer than the
 * interval at once. With no engine or no reader nothing is asked of the runtime.
 */
export class StatsCollector {
  readonly #options: CollectorOptions;
  readonly #closing = new AbortController();
  #latest: EngineStats | undefined;
  #collectedAt = Number.NEGATIVE_INFINITY;
  #readUntil = Number.NEGATIVE_INFINITY;
  #collecting: Promise<EngineStats> | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(options: CollectorOptions) {
    this.#options = options;
  }

  read(signal: AbortSignal | undefined): Promise<EngineStats> {
    const { clock, engineIds, runtime } = this.#options;
    const ids = engineIds();
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (ids.length === 0 || runtime.stats === undefined || this.#closing.signal.aborted) {
      return Promise.resolve(describe(clock.wallNow(), new Map()));
    }
    this.#readUntil = clock.now() + readerMs;
    this.#plan();
    if (this.#latest !== undefined && clock.now() - this.#collectedAt < intervalMs(ids.length)) {
      return Promise.resolve(this.#latest);
    }
    return untilAborted(this.#collect(), signal);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The orchestrator is closed'));
    this.#cancelTimer?.();
    await this.#collecting?.catch(() => {});
  }

  #collect(): Promise<EngineStats> {
    this.#collecting ??= this.#measure().finally(() => {
      this.#collecting = undefined;
      this.#cancelTimer?.();
      this.#cancelTimer = undefined;
      this.#plan();
    });
    return this.#collecting;
  }

  async #measure(): Promise<EngineStats> {
    const { clock, runtime, engineIds, onCollected } = this.#options;
    const ids = engineIds();
    const startedAt = clock.now();
    let ok = false;
    try {
      const measured = await limitTime(async (signal) => runtime.stats?.(ids, { signal }), {
        clock,
        ms: collectTimeoutMs,
        signal: this.#closing.signal,
        timeoutReason: () => new Error(`The ${runtime.kind} runtime measured nothing within ${collectTimeoutMs} ms`),
      });
      ok = true;
      this.#collectedAt = startedAt;
      this.#latest = describe(clock.wallNow(), measured ?? new Map());
      return this.#latest;
    } finally {
      onCollected({ engines: ids.length, durationMs: clock.now() - startedAt, ok });
    }
  }

  /** The next collection, if somebody will still read it. */
  #plan(): void {
    const { clock, engineIds } = this.#options;
    if (this.#cancelTimer !== undefined || this.#collecting !== undefined || this.#closing.signal.aborted) return;
    const count = engineIds().length;
    if (count === 0 || clock.now() >= this.#readUntil) return;
    this.#cancelTimer = clock.after(intervalMs(count), () => {
      this.#cancelTimer = undefined;
      if (engineIds().length > 0 && clock.now() < this.#readUntil) this.#collect().catch(() => {});
    });
  }
}

function describe(at: number, engines: ReadonlyMap<string, RuntimeStats>): EngineStats {
  return Object.freeze({ at, engines });
}
