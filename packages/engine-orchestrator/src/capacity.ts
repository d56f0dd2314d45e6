import type { EnginePool } from './pool/engine-pool.ts';
import { isReady } from './pool/engine-record.ts';

/** Slots of the engines that are ready now. */
export interface Capacity {
  readonly total: number;
  readonly used: number;
  readonly available: number;
  /** Requests that wait for a slot. A session that begins to linger while some do had better end at once. */
  readonly waiting: number;
}

export function countCapacity(pool: EnginePool, maxLeasesPerEngine: number, waiting: number): Capacity {
  const ready = [...pool.records()].filter(isReady);
  const total = ready.length * maxLeasesPerEngine;
  const used = ready.reduce((sum, record) => sum + record.holds.size, 0);
  return Object.freeze({ total, used, available: Math.max(0, total - used), waiting });
}
