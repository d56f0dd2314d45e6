import type { Engine, EngineState } from '../engine.ts';
import { type HealthRecord, initialHealth } from '../health/engine-health.ts';
import type { LeaseOutcome } from '../leases/lease.ts';
import type { RuntimeEngine } from '../runtime/engine-runtime.ts';
import type { Outdated } from '../runtime/outdated.ts';

/** A slot in use. */
export interface Hold {
  readonly key: string;
  /** Every name of its content: the key, and the identity once that is known. */
  readonly names: Set<string>;
  readonly controller: AbortController;
  /** Gives the slot free; repeated calls change nothing. */
  readonly end: (outcome: LeaseOutcome | 'lapsed') => void;
  /** Set while its engine is dead: cancels the timer that ends it when nobody releases it. */
  cancelLapse: (() => void) | undefined;
}

/** The same time by both clocks. */
export interface Moment {
  readonly now: number;
  readonly wallNow: number;
}

/** One engine from the start of its process to the end. A restart makes a new record. */
export interface EngineRecord {
  engine: Engine;
  running: boolean;
  readonly startedAt: number | undefined;
  health: HealthRecord;
  draining: boolean;
  readonly holds: Set<Hold>;
  outdated: Outdated | undefined;
  readonly createdAt: number | undefined;
  /** Whether it ever was healthy. */
  wasReady: boolean;
  /** When it was first listed, before any restart. Monotonic, like the next three. */
  readonly knownSince: number;
  readonly foundAt: number;
  unhealthySince: number | undefined;
  lastLeaseAt: number | undefined;
  readonly firstSeenWallAt: number;
  lastSeenWallAt: number | undefined;
  lastProbeWallAt: number | undefined;
  lastLeaseWallAt: number | undefined;
  version: string | undefined;
  platform: string | undefined;
}

/** @param old what was known of the engine before its process was started anew */
export function makeRecord(listed: RuntimeEngine, seen: Moment, old: EngineRecord | undefined): EngineRecord {
  return {
    engine: freezeEngine(listed),
    running: listed.running ?? true,
    startedAt: listed.startedAt,
    health: initialHealth,
    draining: old?.draining ?? false,
    holds: new Set(),
    outdated: listed.outdated,
    createdAt: listed.createdAt,
    wasReady: false,
    knownSince: old?.knownSince ?? seen.now,
    foundAt: seen.now,
    unhealthySince: undefined,
    lastLeaseAt: undefined,
    firstSeenWallAt: old?.firstSeenWallAt ?? seen.wallNow,
    lastSeenWallAt: undefined,
    lastProbeWallAt: undefined,
    lastLeaseWallAt: undefined,
    version: undefined,
    platform: undefined,
  };
}

export function freezeEngine(listed: RuntimeEngine): Engine {
  const { id, name, host, port, labels, forwarded, sharesNetworkOf } = listed;
  return Object.freeze({
    id,
    name,
    host,
    port,
    labels: Object.freeze({ ...labels }),
    forwarded,
    ...(sharesNetworkOf === undefined ? {} : { sharesNetworkOf }),
  });
}

/** New leases may go there. */
export function isReady(record: EngineRecord): boolean {
  return record.running && record.health.health === 'healthy' && !record.draining;
}

export function describeRecord(record: EngineRecord, maxLeases: number, penalties: number): EngineState {
  return Object.freeze({
    ...record.engine,
    health: record.health.health,
    unhealthyReason: record.health.reason,
    ready: isReady(record),
    running: record.running,
    draining: record.draining,
    leases: record.holds.size,
    maxLeases,
    keys: Object.freeze([...record.holds].map((hold) => hold.key)),
    firstSeenAt: record.firstSeenWallAt,
    lastSeenAt: record.lastSeenWallAt,
    lastHealthCheckAt: record.lastProbeWallAt,
    lastLeaseAt: record.lastLeaseWallAt,
    version: record.version,
    platform: record.platform,
    penalties,
    outdated: record.outdated,
  });
}
