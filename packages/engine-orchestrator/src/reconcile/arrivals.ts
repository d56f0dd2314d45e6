import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import type { EngineRecord } from '../pool/engine-record.ts';
import type { EngineRequest, EngineRuntime, RuntimeEngine } from '../runtime/engine-runtime.ts';
import type { Clock } from '../time/clock.ts';
import { type Build, EngineBuilder } from './engine-builder.ts';
import type { Purpose } from './provisioning.ts';
import type { ProvisioningGate } from './provisioning-gate.ts';

export interface ArrivalsOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
  readonly pool: EnginePool;
  readonly hooks: OrchestratorHooks;
  /** Is told how each of them went. */
  readonly gate: ProvisioningGate;
  readonly startTimeoutMs: number;
  /** Lists the engines; resolves after a listing that began later than the call. */
  readonly refresh: () => Promise<void>;
  /** An engine was made. */
  readonly onMade: () => void;
  /** It took so long to answer. */
  readonly onReady: (startupMs: number) => void;
  /** Something became of one. */
  readonly onChange: () => void;
}

/** New engines: those that are being made, and those that were and have not answered yet. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #builder: EngineBuilder;
  /** Engines that were made here and have not answered yet. */
  readonly #expected = new Map<string, Purpose>();
  /** Made here, since this process began. */
  readonly #made = new Set<string>();

  constructor(options: ArrivalsOptions) {
    const { clock, runtime, hooks, startTimeoutMs, refresh } = options;
    this.#options = options;
    this.#builder = new EngineBuilder({
      clock,
      runtime,
      stallMs: startTimeoutMs,
      refresh,
      onProgress: (purpose, progress) => tell(hooks, 'provisionProgress', { purpose, progress }),
    });
  }

  /** Engines that are being made. */
  get builds(): ReadonlySet<Build> {
    return this.#builder.builds;
  }

  /** Whether engines are being made, or have not answered yet. */
  get isGrowing(): boolean {
    return this.builds.size > 0 || this.#expected.size > 0;
  }

  /** Engines that exist and are not being made. */
  present(): EngineRecord[] {
    const builtIds = new Set([...this.builds].map(({ engineId }) => engineId));
    const unknown = [...this.builds].filter(({ engineId }) => engineId === undefined);
    // A listing may show an engine before the call that makes it has said which one it is: it must not count twice.
    const isUnknown = ({ engine, knownSince }: EngineRecord): boolean => {
      if (this.#made.has(engine.id)) return false;
      const at = unknown.findIndex(({ startedAt }) => knownSince >= startedAt);
      if (at >= 0) unknown.splice(at, 1);
      return at >= 0;
    };
    return [...this.#options.pool.records()].filter((record) => !builtIds.has(record.engine.id) && !isUnknown(record));
  }

  /** Engines that exist or are being made. */
  get total(): number {
    return this.present().length + this.builds.size;
  }

  /** Whether an engine was made here and has not answered yet. */
  isExpected(engineId: string): boolean {
    return this.#expected.has(engineId);
  }

  isMadeHere(engineId: string): boolean {
    return this.#made.has(engineId);
  }

  /** Makes an engine. Resolves when it exists, runs and is listed; rejects with the runtime's error. */
  create(request: EngineRequest, purpose: Purpose): Promise<RuntimeEngine> {
    const { clock, hooks, gate, onChange } = this.#options;
    const startedAt = clock.now();
    gate.began(purpose);
    tell(hooks, 'provisionStart', { purpose });
    return this.#builder.build(request, purpose, (result) => {
      const durationMs = clock.now() - startedAt;
      if ('engine' in result) this.#built(result.engine, purpose, durationMs);
      else {
        gate.failed(purpose, result.error);
        tell(hooks, 'provisionFailed', { purpose, error: result.error, durationMs });
      }
      onChange();
    });
  }

  /** An engine answers. */
  answered({ engine, foundAt }: EngineRecord): void {
    const { gate, clock, hooks, onReady } = this.#options;
    const purpose = this.#expected.get(engine.id);
    if (purpose === undefined) return;
    this.#expected.delete(engine.id);
    gate.worked(purpose);
    const startupMs = clock.now() - foundAt;
    onReady(startupMs);
    tell(hooks, 'engineReady', { engine, startupMs });
  }

  /** An engine will not answer any more; nothing happens unless it was expected to. */
  failed(engineId: string, error: Error): void {
    const { gate, hooks, onChange } = this.#options;
    const purpose = this.#expected.get(engineId);
    if (purpose === undefined) return;
    this.#expected.delete(engineId);
    gate.failed(purpose, error);
    tell(hooks, 'provisionFailed', { purpose, error, durationMs: 0 });
    onChange();
  }

  /** Forgets engines that were removed before they answered: that says nothing about the making of others. */
  forgetGone(): void {
    const { pool, gate } = this.#options;
    for (const id of this.#made) if (pool.get(id) === undefined) this.#made.delete(id);
    for (const [id, purpose] of this.#expected) {
      if (pool.get(id) !== undefined) continue;
      this.#expected.delete(id);
      gate.withdrawn(purpose);
    }
  }

  /** Resolves when the runtime makes no engine any more, given up or not; undefined when none is being made. */
  callsOver(): Promise<unknown> | undefined {
    return this.#builder.callsOver();
  }

  /** Gives up what is being made. */
  close(): Promise<void> {
    return this.#builder.close();
  }

  #built(engine: RuntimeEngine, purpose: Purpose, durationMs: number): void {
    const { hooks, pool, onMade } = this.#options;
    const { id, name, host, port, labels, forwarded } = engine;
    this.#made.add(id);
    onMade();
    const record = pool.get(id);
    tell(hooks, 'provisionEnd', {
      purpose,
      engine: record?.engine ?? Object.freeze({ id, name, host, port, labels, forwarded }),
      durationMs,
    });
    this.#expected.set(id, purpose);
    if (record === undefined || !record.running) {
      this.failed(id, new Error(`The engine ${name} ended as soon as it was started`));
    } else if (record.health.health === 'healthy') this.answered(record);
  }
}
