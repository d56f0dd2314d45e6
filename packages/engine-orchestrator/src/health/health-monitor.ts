import type { Engine } from '../engine.ts';
import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { EnginePool } from '../pool/engine-pool.ts';
import { type EngineRecord, isReady } from '../pool/engine-record.ts';
import type { Probe, ProbeResult } from '../probe.ts';
import type { Clock } from '../time/clock.ts';
import {
  afterBytes,
  afterFailure,
  afterProbeFailure,
  afterProbeSuccess,
  type HealthRecord,
  type HealthRules,
  nextProbeDelayMs,
} from './engine-health.ts';
import { Prober } from './prober.ts';

/** What a proxy saw an engine do. */
export type Observation = 'bytes' | 'failure';

export interface MonitorOptions {
  readonly clock: Clock;
  readonly pool: EnginePool;
  readonly hooks: OrchestratorHooks;
  readonly probe: Probe;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
  readonly unhealthyAfter: number;
  /** Somebody waits for this engine, or for any. */
  readonly isWanted: (engineId: string) => boolean;
  /** The health of an engine is another one now. */
  readonly onChange: (record: EngineRecord) => void;
}

/** Bytes are told about once a second; a few may come late. */
const minBytesFreshMs = 5_000;
/** An engine is not probed again within this time, unless its interval is shorter. */
const minPauseMs = 1_000;

/** Knows how well each engine is, from probes and from what proxies saw. */
export class HealthMonitor {
  readonly #options: MonitorOptions;
  readonly #rules: HealthRules;
  readonly #prober: Prober;
  readonly #firstProbes = new Set<Promise<void>>();

  constructor(options: MonitorOptions) {
    const { clock, probe, probeIntervalMs, probeTimeoutMs, unhealthyAfter } = options;
    this.#options = options;
    this.#rules = { unhealthyAfter, probeIntervalMs, bytesFreshMs: Math.max(probeIntervalMs, minBytesFreshMs) };
    this.#prober = new Prober({
      clock,
      probe,
      timeoutMs: probeTimeoutMs,
      minPauseMs: Math.min(minPauseMs, probeIntervalMs),
      settle: (engineId, result) => this.#probed(engineId, result),
    });
  }

  /** Probes a new engine at once, and from then on. */
  add(engine: Engine): void {
    const probed = this.#prober.add(engine);
    this.#firstProbes.add(probed);
    void probed.finally(() => this.#firstProbes.delete(probed));
  }

  /** The process of an engine ended: what is still asked of it means nothing. */
  remove(engineId: string): void {
    void this.#prober.remove(engineId);
  }

  /** Resolves when every engine that is known now has been probed once. */
  async probedOnce(): Promise<void> {
    await Promise.all(this.#firstProbes);
  }

  /** Takes in what a proxy saw. */
  observe(record: EngineRecord, observation: Observation): void {
    const { clock } = this.#options;
    if (observation === 'bytes') {
      record.lastSeenWallAt = clock.wallNow();
      this.#set(record, afterBytes(record.health, clock.now()));
    } else {
      this.#set(record, afterFailure(record.health, this.#rules));
      this.#prober.hasten(record.engine.id);
    }
  }

  /** Somebody waits: engines that are not ready may have recovered since their last probe. */
  hasten(): void {
    for (const record of this.#options.pool.records()) if (!isReady(record)) this.#prober.hasten(record.engine.id);
  }

  /** Milliseconds until the next probe of an engine; 0 while one runs, undefined for an engine that is not probed. */
  nextProbeInMs(engineId: string): number | undefined {
    return this.#prober.nextInMs(engineId);
  }

  /** Resolves when no probe runs and no timer is left. */
  close(): Promise<void> {
    return this.#prober.close();
  }

  #probed(engineId: string, result: ProbeResult): number {
    const { pool, clock, isWanted } = this.#options;
    const record = pool.get(engineId);
    if (record === undefined) return this.#rules.probeIntervalMs;
    record.lastProbeWallAt = clock.wallNow();
    if (result.ok) {
      record.lastSeenWallAt = record.lastProbeWallAt;
      record.version = result.version ?? record.version;
      record.platform = result.platform ?? record.platform;
      this.#set(record, afterProbeSuccess(record.health));
    } else {
      this.#set(record, afterProbeFailure(record.health, result.reason, clock.now(), this.#rules));
    }
    return nextProbeDelayMs(record.health, this.#rules, isWanted(engineId));
  }

  #set(record: EngineRecord, next: HealthRecord): void {
    const { clock, hooks, onChange } = this.#options;
    const from = record.health.health;
    record.health = next;
    if (next.health === from) return;
    record.unhealthySince = next.health === 'unhealthy' ? clock.now() : undefined;
    record.wasReady ||= next.health === 'healthy';
    tell(hooks, 'healthChange', { engine: record.engine, from, to: next.health, reason: next.reason });
    onChange(record);
  }
}
