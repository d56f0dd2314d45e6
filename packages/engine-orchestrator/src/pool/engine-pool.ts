import type { Engine } from '../engine.ts';
import type { RuntimeEngine } from '../runtime/engine-runtime.ts';
import type { Outdated } from '../runtime/outdated.ts';
import { type EngineRecord, freezeEngine, type Moment, makeRecord } from './engine-record.ts';

/** What a listing changed. A restarted engine is in both. */
export interface PoolChange {
  readonly lost: readonly EngineRecord[];
  readonly found: readonly EngineRecord[];
  /** Those that were up to date, or not known, before. */
  readonly outdated: readonly { readonly engine: Engine; readonly outdated: Outdated }[];
}

/** The engines that are known now. The only owner of their records. */
export class EnginePool {
  readonly #records = new Map<string, EngineRecord>();

  get(engineId: string): EngineRecord | undefined {
    return this.#records.get(engineId);
  }

  records(): IterableIterator<EngineRecord> {
    return this.#records.values();
  }

  get size(): number {
    return this.#records.size;
  }

  /**
   * Takes over what the runtime listed. `lost` are records whose process ended (removed, stopped, restarted, or
   * moved to another address), `found` those of a process that is new here. A stopped engine keeps a record that
   * is not running.
   */
  sync(listed: readonly RuntimeEngine[], seen: Moment): PoolChange {
    const lost: EngineRecord[] = [];
    const found: EngineRecord[] = [];
    const outdated: { engine: Engine; outdated: Outdated }[] = [];
    const ids = new Set(listed.map(({ id }) => id));
    for (const [id, record] of this.#records) {
      if (ids.has(id)) continue;
      this.#records.delete(id);
      if (record.running) lost.push(record);
    }
    for (const engine of listed) {
      const old = this.#records.get(engine.id);
      if (old !== undefined && isSameProcess(old, engine)) {
        const before = old.outdated;
        old.engine = freezeEngine(engine);
        old.outdated = engine.outdated;
        outdated.push(...newlyOutdated(old, before));
        continue;
      }
      const fresh = makeRecord(engine, seen, old);
      this.#records.set(engine.id, fresh);
      if (old?.running) lost.push(old);
      if (fresh.running) found.push(fresh);
      outdated.push(...newlyOutdated(fresh, old?.outdated));
    }
    return { lost, found, outdated };
  }
}

function newlyOutdated({ engine, outdated }: EngineRecord, before: Outdated | undefined) {
  return outdated === undefined || outdated.reason === before?.reason ? [] : [{ engine, outdated }];
}

function isSameProcess(record: EngineRecord, listed: RuntimeEngine): boolean {
  return (
    record.running === (listed.running ?? true) &&
    record.startedAt === listed.startedAt &&
    record.engine.host === listed.host &&
    record.engine.port === listed.port
  );
}
