import type { Lease, LeaseOutcome } from '@acestream-orchestrator/engine-orchestrator';
import {
  AceEngineClient,
  type AceSession,
  type AceStat,
  type ContentRef,
  contentKey,
} from '@acestream-orchestrator/engine-orchestrator/ace';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Log } from '../log.ts';
import type { Operation } from '../operations.ts';
import { ContentStoppingError } from './source-failure.ts';

export type Outcome = LeaseOutcome;

/** Longest wait for an engine to say what a content is. */
const describeTimeoutMs = 3_000;

export interface LeasedEngineOptions {
  readonly lease: Lease;
  /** Every engine that is leased now, oldest first: this one is among them from its opening to its end. */
  readonly leased: Set<LeasedEngine>;
  readonly metrics: PerfMetrics<Operation>;
  readonly log: Log;
  /** Longest wait for the engine's answer to {@link LeasedEngine.open}. */
  readonly openTimeoutMs: number;
  /** Longest wait for the engine to take a stop. */
  readonly stopTimeoutMs: number;
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
  readonly #leased: Set<LeasedEngine>;
  readonly #metrics: PerfMetrics<Operation>;
  readonly #log: Log;
  /** What was asked for. */
  #ref: ContentRef | undefined;
  /** What is or will be played, as far as that is known yet. */
  #infohash: string | undefined;
  #asking: Promise<void> | undefined;
  #hasStarted = false;
  /** The content ends here in a moment, for everybody who has it. */
  #isStopping = false;
  #session: AceSession | undefined;
  #ending: Promise<void> | undefined;

  constructor({ lease, leased, metrics, log, openTimeoutMs, stopTimeoutMs, output = 'ts' }: LeasedEngineOptions) {
    this.lease = lease;
    this.output = output;
    this.#leased = leased;
    this.#metrics = metrics;
    this.#log = log;
    const { host, port } = lease.engine;
    this.#client = new AceEngineClient({ host, port, jsonTimeoutMs: openTimeoutMs, stopTimeoutMs });
  }

  /**
   * Asks the engine for a session. Rejects with an AceError; with a {@link ContentStoppingError} when the content is there
   * already in a form that would end it or be ended by it; or with the signal's reason when nothing is left behind.
   */
  async open(ref: ContentRef, signal: AbortSignal): Promise<AceSession> {
    this.#ref = ref;
    this.#leased.add(this);
    if (ref.kind === 'infohash') this.#infohash = ref.value;
    const either = AbortSignal.any([signal, this.lease.signal]);
    await this.#standAside(either);
    this.#hasStarted = true;
    const options = {
      output: this.output,
      signal: either,
      isShared: (session: AceSession): boolean => this.#plays(session),
    };
    this.#session = await this.#metrics.measure('engine_open', () => this.#client.open(ref, options));
    this.#infohash = this.#session.infohash;
    return this.#session;
  }

  /**
   * On an engine, HLS ends whatever else there is of its content, and is ended by it. So where one of two is HLS, what
   * each of them is has to be known before the later one is started.
   */
  async #standAside(signal: AbortSignal): Promise<void> {
    const earlier = this.#others.filter(({ output }) => output === 'hls' || this.output === 'hls');
    if (earlier.length === 0) return;
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    signal.throwIfAborted();
    await Promise.race([Promise.all([this, ...earlier].map((each) => each.#ask())), aborted]);
    const rival = earlier.find((other) => this.#leased.has(other) && this.#isSameAs(other));
    if (rival === undefined) return;
    // Under one name for both, whoever asks for a lease here waits until the other has gone.
    const name = contentKey({ ...rival.#ref!, kind: 'infohash', value: rival.#infohash ?? rival.#ref!.value });
    for (const each of [rival, this]) each.lease.identify(name);
    throw new ContentStoppingError(`Engine ${this.lease.engine.id} plays ${name} for somebody else`);
  }

  /** Has the engine say what the content is, where that is not known. An engine that does not say is not asked again. */
  #ask(): Promise<void> {
    if (this.#infohash !== undefined || this.#ref === undefined) return Promise.resolve();
    this.#asking ??= this.#client.describe(this.#ref, { signal: AbortSignal.timeout(describeTimeoutMs) }).then(
      ({ infohash }) => {
        this.#infohash ??= infohash;
      },
      (error: unknown) =>
        this.#log.debug({ engine: this.lease.engine.id, err: error }, 'engine did not say what it is'),
    );
    return this.#asking;
  }

  /** People mix content ids and infohashes up, so one value is one content, whatever it is called. */
  #isSameAs(other: LeasedEngine): boolean {
    if (this.#infohash !== undefined && this.#infohash === other.#infohash) return true;
    return this.#ref?.value === other.#ref?.value;
  }

  /** As far as is known yet. */
  get infohash(): string | undefined {
    return this.#infohash;
  }

  /** Who came to this engine before, or is there since. */
  get #others(): LeasedEngine[] {
    return [...this.#leased].filter((other) => other !== this && other.lease.engine.id === this.lease.engine.id);
  }

  /** Who has started the same content here, as far as is known yet. */
  get #sharers(): LeasedEngine[] {
    if (this.#infohash === undefined) return [];
    return this.#others.filter((other) => other.#hasStarted && other.#infohash === this.#infohash);
  }

  /** Whether the session is, or will be, ended by another one of the same content: one that is being stopped, or HLS. */
  get isDisturbed(): boolean {
    return this.#sharers.some((other) => other.#isStopping || other.output === 'hls' || this.output === 'hls');
  }

  /** A stop would end it for somebody else, too; or is on its way already. */
  get #isShared(): boolean {
    return this.#sharers.some((other) => other.#ending === undefined || other.#isStopping);
  }

  /** Whether somebody else has the content of a session that was just opened. */
  #plays({ infohash }: AceSession): boolean {
    this.#infohash = infohash;
    return this.#isShared;
  }

  async stat(session: AceSession, signal: AbortSignal): Promise<AceStat> {
    return this.#metrics.measure('engine_stat', () => this.#client.stat(session, { signal }));
  }

  /** Stops the session where it is nobody else's, and gives the lease back. Never rejects; the same promise every time. */
  end(outcome: Outcome): Promise<void> {
    this.#ending ??= this.#end(outcome);
    return this.#ending;
  }

  async #end(outcome: Outcome): Promise<void> {
    try {
      if (this.#session !== undefined && !this.#isShared) await this.#stop(this.#session);
    } finally {
      this.#leased.delete(this);
      await this.lease.release(outcome);
    }
  }

  async #stop(session: AceSession): Promise<void> {
    this.#isStopping = true;
    try {
      await this.#metrics.measure('engine_stop', () => this.#client.stop(session));
    } catch (error) {
      // The engine is gone or hangs: it drops a session without a reader by itself.
      this.#log.debug({ engine: this.lease.engine.id, err: error }, 'engine did not take the stop');
    }
  }
}
