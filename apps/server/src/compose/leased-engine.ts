import type { Lease } from '@acestream-orchestrator/engine-orchestrator';
import {
  AceEngineClient,
  type AceSession,
  type AceStat,
  type ContentRef,
} from '@acestream-orchestrator/engine-orchestrator/ace';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';

export type Outcome = 'ok' | 'content-bad' | 'engine-bad';

export interface LeasedEngineOptions {
  readonly lease: Lease;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  /** Longest wait for the engine's answer to {@link LeasedEngine.open}. */
  readonly openTimeoutMs: number;
  /** Longest wait for the engine to take a stop. */
  readonly stopTimeoutMs: number;
}

/** A leased engine and the session that is opened on it: {@link end} tells the engine to stop, once, and gives the lease back. */
export class LeasedEngine {
  readonly lease: Lease;
  readonly #client: AceEngineClient;
  readonly #metrics: PerfMetrics<Operation>;
  readonly #log: Log;
  #session: AceSession | undefined;
  #ending: Promise<void> | undefined;
  #foreign = false;

  constructor({ lease, metrics, log, openTimeoutMs, stopTimeoutMs }: LeasedEngineOptions) {
    this.lease = lease;
    this.#metrics = metrics;
    this.#log = log;
    const { host, port } = lease.engine;
    this.#client = new AceEngineClient({ host, port, jsonTimeoutMs: openTimeoutMs, stopTimeoutMs });
  }

  /** Asks the engine for a session. Rejects with an AceError, or with the signal's reason when nothing is left behind. */
  async open(ref: ContentRef, signal: AbortSignal): Promise<AceSession> {
    const eitherSignal = AbortSignal.any([signal, this.lease.signal]);
    this.#session = await this.#metrics.measure('engine_open', () => this.#client.open(ref, { signal: eitherSignal }));
    return this.#session;
  }

  async stat(session: AceSession, signal: AbortSignal): Promise<AceStat> {
    return this.#metrics.measure('engine_stat', () => this.#client.stat(session, { signal }));
  }

  /** The engine's session belongs to another stream of the same content, which a stop would end too. */
  leaveRunning(): void {
    this.#foreign = true;
  }

  /** Stops the session and gives the lease back. Never rejects; the same promise every time. */
  end(outcome: Outcome): Promise<void> {
    this.#ending ??= this.#end(outcome);
    return this.#ending;
  }

  async #end(outcome: Outcome): Promise<void> {
    try {
      if (this.#session !== undefined && !this.#foreign) await this.#stop(this.#session);
    } finally {
      await this.lease.release(outcome);
    }
  }

  async #stop(session: AceSession): Promise<void> {
    try {
      await this.#metrics.measure('engine_stop', () => this.#client.stop(session));
    } catch (error) {
      // The engine is gone or hangs: it drops a session without a reader by itself.
      this.#log.debug({ engine: this.lease.engine.id, err: error }, 'engine did not take the stop');
    }
  }
}
