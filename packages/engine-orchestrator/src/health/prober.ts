import type { Engine } from '../engine.ts';
import type { Probe, ProbeResult } from '../probe.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';

export interface ProberOptions {
  readonly clock: Clock;
  readonly probe: Probe;
  /** Time limit of one probe. */
  readonly timeoutMs: number;
  /** An engine is not probed again within this time, whoever asks. */
  readonly minPauseMs: number;
  /** Takes a result and says how long after this probe began to begin the next. Not called for an engine that was removed meanwhile. */
  readonly settle: (engineId: string, result: ProbeResult) => number;
}

interface Target {
  readonly engine: Engine;
  readonly removed: AbortController;
  startedAt: number;
  nextAt: number;
  cancelTimer: () => void;
  /** Settles when the probe under way has been taken into account. */
  running: Promise<void> | undefined;
}

/** Probes every engine on its own schedule, at most one probe of each at a time. */
export class Prober {
  readonly #options: ProberOptions;
  readonly #targets = new Map<string, Target>();

  constructor(options: ProberOptions) {
    this.#options = options;
  }

  /** Probes a new engine at once, and from then on. Resolves when that first probe has settled. */
  add(engine: Engine): Promise<void> {
    const target: Target = {
      engine,
      removed: new AbortController(),
      startedAt: Number.NEGATIVE_INFINITY,
      nextAt: Number.POSITIVE_INFINITY,
      cancelTimer: () => {},
      running: undefined,
    };
    this.#targets.set(engine.id, target);
    return this.#run(target);
  }

  /** Probes an engine now, or as soon as `minPauseMs` have passed since its last probe began. */
  hasten(engineId: string): void {
    const target = this.#targets.get(engineId);
    if (target === undefined || target.running !== undefined) return;
    const now = this.#options.clock.now();
    const at = Math.max(now, target.startedAt + this.#options.minPauseMs);
    if (at < target.nextAt) this.#schedule(target, at - now);
  }

  /** Milliseconds until the next probe of an engine; 0 while one runs, undefined for an unknown engine. */
  nextInMs(engineId: string): number | undefined {
    const target = this.#targets.get(engineId);
    if (target === undefined) return undefined;
    return target.running === undefined ? Math.max(0, target.nextAt - this.#options.clock.now()) : 0;
  }

  /** Stops probing an engine; the probe under way is aborted and its result dropped. */
  remove(engineId: string): Promise<void> {
    const target = this.#targets.get(engineId);
    if (target === undefined) return Promise.resolve();
    this.#targets.delete(engineId);
    target.cancelTimer();
    target.removed.abort();
    return target.running ?? Promise.resolve();
  }

  /** Resolves when no probe runs and no timer is left. */
  async close(): Promise<void> {
    await Promise.all([...this.#targets.keys()].map((id) => this.remove(id)));
  }

  #schedule(target: Target, delayMs: number): void {
    target.cancelTimer();
    target.nextAt = this.#options.clock.now() + delayMs;
    target.cancelTimer = this.#options.clock.after(delayMs, () => void this.#run(target));
  }

  #run(target: Target): Promise<void> {
    target.startedAt = this.#options.clock.now();
    target.running = this.#ask(target).then((result) => {
      target.running = undefined;
      if (target.removed.signal.aborted) return;
      // The interval counts from start to start, or a hung engine would be probed less often than others.
      const { clock, minPauseMs, settle } = this.#options;
      const at = target.startedAt + settle(target.engine.id, result);
      if (!target.removed.signal.aborted) this.#schedule(target, Math.max(minPauseMs, at - clock.now()));
    });
    return target.running;
  }

  async #ask({ engine, removed }: Target): Promise<ProbeResult> {
    const { clock, probe, timeoutMs: ms } = this.#options;
    const timeoutReason = (): Error => new Error(`no answer within ${ms} ms`);
    try {
      return await limitTime((signal) => probe(engine, { signal }), {
        clock,
        ms,
        timeoutReason,
        signal: removed.signal,
      });
    } catch (error) {
      return { ok: false, reason: error instanceof Error ? error.message : String(error) };
    }
  }
}
