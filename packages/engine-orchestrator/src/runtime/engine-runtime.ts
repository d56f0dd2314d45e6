import type { Engine } from '../engine.ts';

/** An engine as a runtime sees it now. */
export interface RuntimeEngine extends Engine {
  /** Whether its process runs; says nothing about whether it answers. Default true. */
  readonly running?: boolean;
  /**
   * Unix milliseconds of the start of its process, when the runtime knows it. A new value means that the engine
   * was restarted: sessions of the old process are gone and block nothing.
   */
  readonly startedAt?: number;
}

/** Something changed. A hint to list again; what is acted upon is always the listing. */
export interface RuntimeEvent {
  readonly type: 'created' | 'started' | 'stopped' | 'removed' | 'changed';
  readonly engineId: string;
}

/** What an engine uses. Counters grow from the start of its process. */
export interface RuntimeStats {
  /** 100 is one core. */
  readonly cpuPercent: number;
  readonly memoryUsageBytes: number;
  readonly memoryLimitBytes: number;
  readonly networkReceivedBytes: number;
  readonly networkSentBytes: number;
  readonly blockReadBytes: number;
  readonly blockWrittenBytes: number;
}

export interface RuntimeLogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  /** Unix milliseconds, when asked for and known. */
  readonly at?: number;
}

interface Abortable {
  readonly signal: AbortSignal;
}

/**
 * Where engines come from: containers, processes, or addresses that somebody else looks after.
 *
 * `Spec` is whatever the runtime needs to make an engine (image, command, ports …); nothing else reads it. Every
 * call rejects with the signal's reason once that is aborted. A runtime shows only what belongs to this
 * installation, and never touches anything else.
 *
 * Only {@link list} is required. A runtime with `canProvision` has `create`, `start`, `stop` and `remove` too.
 */
export interface EngineRuntime<Spec = never> {
  /** For people: `static`, `docker`, … */
  readonly kind: string;
  /** Whether engines can be made and removed here. */
  readonly canProvision: boolean;

  /** Every engine of this installation, stopped ones included, in any order. */
  list(options: Abortable): Promise<readonly RuntimeEngine[]>;

  /** Makes an engine and resolves when it exists; it need not run yet. */
  create?(spec: Spec, options: Abortable): Promise<RuntimeEngine>;
  /** Resolves when its process runs; a no-op on a running engine. */
  start?(engineId: string, options: Abortable): Promise<void>;
  /** Asks its process to end, ends it after `graceMs`; a no-op on a stopped or unknown engine. */
  stop?(engineId: string, options: Abortable & { readonly graceMs: number }): Promise<void>;
  /** Removes it with everything that was made for it; a no-op on an unknown engine. */
  remove?(engineId: string, options: Abortable): Promise<void>;

  /** What the runtime knows about an engine, in its own words; undefined for an unknown one. */
  inspect?(engineId: string, options: Abortable): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** One measurement of each engine that runs, by id. */
  stats?(engineIds: readonly string[], options: Abortable): Promise<ReadonlyMap<string, RuntimeStats>>;
  /** Its output, oldest first; ends at the newest line unless `follow`. */
  logs?(
    engineId: string,
    options: Abortable & { readonly tail?: number; readonly since?: number; readonly follow?: boolean },
  ): AsyncIterable<RuntimeLogLine>;
  /**
   * Changes from now on, until the signal aborts. When the iterable ends or throws before that, it is opened again
   * and the engines are listed again. Without it, the set of engines is what `list` says at the start and at
   * every resync.
   */
  events?(options: Abortable): AsyncIterable<RuntimeEvent>;
}
