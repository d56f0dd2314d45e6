import type { Engine } from '../engine.ts';
import type { Outdated } from './outdated.ts';

/** An engine as a runtime sees it now. */
export interface RuntimeEngine extends Engine {
  /** Whether its process runs; says nothing about whether it answers. Default true. */
  readonly running?: boolean;
  /**
   * Unix milliseconds of the start of its process, when the runtime knows it. A new value means that the engine
   * was restarted: sessions of the old process are gone and block nothing.
   */
  readonly startedAt?: number;
  /** Unix milliseconds of its making, when the runtime knows it. */
  readonly createdAt?: number;
  /** Why it is not what would be made today; undefined when it is, or when the runtime cannot tell. */
  readonly outdated?: Outdated | undefined;
}

/** Wishes for one engine beyond what the runtime is configured to make. */
export interface EngineRequest {
  /** Added to its labels. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Added to its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is to be reached; default any free port. A port that is taken is an error. */
  readonly port?: number;
}

/** How far the making of an engine has come. */
export interface RuntimeProgress {
  /** For people: what is being done. */
  readonly message: string;
  /** Of a download. */
  readonly bytes?: number;
  readonly totalBytes?: number;
}

/**
 * What a runtime's error may say about itself; an error that says nothing may go away by itself.
 * Checked by shape, so that a runtime keeps its own class of errors.
 */
export interface RuntimeFailure {
  /** False when the same call fails again until somebody changes something. Default true. */
  readonly retryable?: boolean;
  /**
   * What is in the way of making engines, for whoever waits for one. Anything but `general_error`, the default, opens no
   * circuit breaker: it says nothing about the making of engines, and a `network` event ends the pause after it.
   */
  readonly blocks?: 'vpn_disconnected' | 'vpn_error' | 'general_error';
  /**
   * The runtime itself cannot be reached. It is tried again until it is back, and nothing is concluded about the
   * engines or about the making of them. Default false.
   */
  readonly unavailable?: boolean;
  /** When to try again at the earliest. Default: the caller's own pause. */
  readonly retryAfterMs?: number;
}

/**
 * Something changed. A hint to list again; what is acted upon is always the listing. `network`: where engines are made
 * there was a change, so that what failed may work now.
 */
export interface RuntimeEvent {
  readonly type: 'created' | 'started' | 'stopped' | 'removed' | 'changed' | 'network';
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
 * What an engine is made from (image, command, ports …) is the runtime's own configuration. Every call rejects with the
 * signal's reason once that is aborted, and leaves nothing half made behind then; other errors may be
 * {@link RuntimeFailure}s. A runtime shows only what belongs to this installation, and never touches anything else.
 *
 * Only {@link list} is required. A runtime with `canProvision` has `create`, `start`, `stop` and `remove` too.
 */
export interface EngineRuntime {
  /** For people: `static`, `docker`, … */
  readonly kind: string;
  /** Whether engines can be made and removed here. */
  readonly canProvision: boolean;

  /** Every engine of this installation, stopped ones included, in any order. */
  list(options: Abortable): Promise<readonly RuntimeEngine[]>;

  /**
   * Makes an engine as it is configured now, and resolves when it exists; it need not run yet. What takes long (getting
   * an image) says so through `onProgress`, or is given up.
   */
  create?(
    request: EngineRequest,
    options: Abortable & { readonly onProgress?: (progress: RuntimeProgress) => void },
  ): Promise<RuntimeEngine>;
  /** Resolves when its process runs; a no-op on a running engine. The caller removes an engine that does not start. */
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
   * Why an engine does not serve, as far as the runtime can tell; undefined when it knows of nothing. Asked about one
   * that was not ready in time, before that is removed: its message becomes the reason of the failure.
   */
  diagnose?(engineId: string, options: Abortable): Promise<Error | undefined>;
  /** Removes what engines that are gone have left behind. Resolves with the number of things removed. */
  prune?(options: Abortable): Promise<number>;
  /**
   * Changes from now on, until the signal aborts. When the iterable ends or throws before that, it is opened again
   * and the engines are listed again. Without it, the set of engines is what `list` says at the start and at
   * every resync.
   */
  events?(options: Abortable): AsyncIterable<RuntimeEvent>;
}
