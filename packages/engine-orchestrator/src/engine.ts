import type { Outdated } from './runtime/outdated.ts';

/** One engine, as the runtime describes it. Frozen. */
export interface Engine {
  /** Unique and stable: a container id, or `host:port`. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** Where its API answers; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Whether peers can reach it through a forwarded port; preferred on a tie. */
  readonly forwarded: boolean;
  /** The container whose network it has, by name, where the runtime says so; otherwise it has one of its own. */
  readonly sharesNetworkOf?: string;
}

export type EngineHealth = 'unknown' | 'healthy' | 'unhealthy';

/** A frozen snapshot of one engine. Times are unix milliseconds. */
export interface EngineState extends Engine {
  /** `unknown` until the first probe succeeded or enough of them failed. */
  readonly health: EngineHealth;
  /** Why the last failed probe failed; undefined while probes succeed. */
  readonly unhealthyReason: string | undefined;
  /** Running, healthy and not draining: new leases may go here. */
  readonly ready: boolean;
  /** Whether the runtime says that it runs. */
  readonly running: boolean;
  /** Takes nothing new; its leases were told to move. */
  readonly draining: boolean;
  /** Slots in use, 0 to `maxLeases`. */
  readonly leases: number;
  readonly maxLeases: number;
  /** The keys of its leases, oldest first. */
  readonly keys: readonly string[];
  readonly firstSeenAt: number;
  /** Its last sign of life: an answered probe, or bytes that a proxy saw. */
  readonly lastSeenAt: number | undefined;
  readonly lastHealthCheckAt: number | undefined;
  /** When a lease last began or ended here. */
  readonly lastLeaseAt: number | undefined;
  readonly version: string | undefined;
  readonly platform: string | undefined;
  /** Recent failures that are held against it. */
  readonly penalties: number;
  /** Why it should be replaced by a new one; undefined when it is what would be made now. */
  readonly outdated: Outdated | undefined;
}
