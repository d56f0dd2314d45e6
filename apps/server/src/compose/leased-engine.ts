import type { Lease, LeaseOutcome } from '@acestream-orchestrator/engine-orchestrator';
import {
  AceEngineClient,
  type AceSession,
  type AceStat,
  type ContentRef,
} from '@acestream-orchestrator/engine-orchestrator/ace';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';

export type Outcome = LeaseOutcome;

export interface LeasedEngineOptions {
  readonly lease: Lease;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  /** Longest wait for the engine's answer to {@link LeasedEngine.open}. */
  readonly openTimeoutMs: number;
  /** Longest wait for the engine to take a stop. */
  readonly stopTimeoutMs: number;
  /** Whether somebody else has the content on this engine: a stop would end it for them, too. */
  readonly isShared: (engine: LeasedEngine) => boolean;
  /** What the engine is asked for. Default `ts`. */
  readonly output?: 'ts' | 'hls';
}

/**
 * A leased engine and the session that is opened on it. {@link end} gives the lease back, and tells the engine to stop
 * unless somebody else plays the content there.
 */
export class LeasedEngine {
  readonly lease: Lease;
  readonly output: 'ts' | 'hls';
  readonly #client: AceEngineClient;
  readonly #metrics: PerfMetrics<Operation>;
  readonly #log: Log;
  readonly #isShared: LeasedEngineOptions['isShared'];
  /** What is or will be played, as far as that is known yet. */
  infohash: string | undefined;
  /** The content ends here in a moment, for everybody who has it. */
  isStopping = false;
  #session: AceSession | undefined;
  #ending: Promise<void> | undefined;

  constructor({ lease, metrics, log, openTimeoutMs, stopTimeoutMs, isShared, output = 'ts' }: LeasedEngineOptions) {
    this.lease = lease;
    this.output = output;
    this.#metrics = metrics;
    this.#log = log;
    this.#isShared = isShared;
    const { host, port } = lease.engine;
    this.#client = new AceEngineClient({ host, port, jsonTimeoutMs: openTimeoutMs, stopTimeoutMs });
  }

  /** Asks the engine for a session. Rejects with an AceError, or with the signal's reason when nothing is left behind. */
  async open(ref: ContentRef, signal: AbortSignal): Promise<AceSession> {
    if (ref.kind === 'infohash') this.infohash = ref.value;
    const options = {
      output: this.output,
      signal: AbortSignal.any([signal, this.lease.signal]),
      isShared: (session: AceSession): boolean => this.#plays(session),
    };
    this.#session = await this.#metrics.measure('engine_open', () => this.#client.open(ref, options));
    this.infohash = this.#session.infohash;
    return this.#session;
  }

  /** Whether somebody else has the content of a session that was just opened. */
  #plays({ infohash }: AceSession): boolean {
    this.infohash = infohash;
    return this.#isShared(this);
  }

  async stat(session: AceSession, signal: AbortSignal): Promise<AceStat> {
    return this.#metrics.measure('engine_stat', () => this.#client.stat(session, { signal }));
  }

  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Stops the session where it is nobody else's, and gives the lease back. Never rejects; the same promise every time. */
  end(outcome: Outcome): Promise<void> {
    this.#ending ??= this.#end(outcome);
    return this.#ending;
  }

  async #end(outcome: Outcome): Promise<void> {
    try {
      if (this.#session !== undefined && !this.#isShared(this)) await this.#stop(this.#session);
    } finally {
      await this.lease.release(outcome);
    }
  }

  async #stop(session: AceSession): Promise<void> {
    this.isStopping = true;
    try {
      await this.#metrics.measure('engine_stop', () => this.#client.stop(session));
    } catch (error) {
      // The engine is gone or hangs: it drops a session without a reader by itself.
      this.#log.debug({ engine: this.lease.engine.id, err: error }, 'engine did not take the stop');
    }
  }
}

/** The other leases of the same content on the same engine, as far as is known yet. */
export function sharersOf({ lease, infohash }: LeasedEngine, leased: Iterable<LeasedEngine>): LeasedEngine[] {
  if (infohash === undefined) return [];
  return [...leased].filter(
    (other) => other.lease !== lease && other.lease.engine.id === lease.engine.id && other.infohash === infohash,
  );
}
