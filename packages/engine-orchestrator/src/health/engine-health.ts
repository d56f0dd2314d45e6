import type { EngineHealth } from '../engine.ts';

/** What is known about the health of one engine. Times are monotonic milliseconds. */
export interface HealthRecord {
  readonly health: EngineHealth;
  /** Probes that failed since the last one that succeeded. */
  readonly probeFailures: number;
  /** Failures the proxies saw since the last good sign. */
  readonly suspicions: number;
  /** When a proxy last saw bytes of this engine. */
  readonly bytesAt: number | undefined;
  /** Why the last probe failed; undefined after a success. */
  readonly reason: string | undefined;
}

export interface HealthRules {
  /** Failures in a row that make an engine unhealthy. */
  readonly unhealthyAfter: number;
  /** Bytes seen within this time outrank failing probes. */
  readonly bytesFreshMs: number;
  /** Pause between probes of a healthy engine, and the longest pause of any. */
  readonly probeIntervalMs: number;
}

export const initialHealth: HealthRecord = {
  health: 'unknown',
  probeFailures: 0,
  suspicions: 0,
  bytesAt: undefined,
  reason: undefined,
};

/** The first pause before an engine that is not known to be well is probed again. */
const firstRetryMs = 1_000;

/** A probe succeeded: it answers, whatever was suspected. */
export function afterProbeSuccess(record: HealthRecord): HealthRecord {
  return { ...record, health: 'healthy', probeFailures: 0, suspicions: 0, reason: undefined };
}

/**
 * A probe failed. Only here does an engine become unhealthy: what the proxies saw brings that nearer, but the last
 * word is a failed probe, so that three viewers of dead content do not condemn a working engine.
 */
export function afterProbeFailure(record: HealthRecord, reason: string, now: number, rules: HealthRules): HealthRecord {
  const probeFailures = record.probeFailures + 1;
  const failures = probeFailures + record.suspicions;
  const bytesFlow =
    record.bytesAt !== undefined && record.suspicions === 0 && now - record.bytesAt <= rules.bytesFreshMs;
  if (bytesFlow) return { ...record, health: 'healthy', probeFailures, reason };
  return {
    ...record,
    health: failures >= rules.unhealthyAfter ? 'unhealthy' : record.health,
    probeFailures,
    reason,
  };
}

/** A proxy saw bytes of this engine. */
export function afterBytes(record: HealthRecord, now: number): HealthRecord {
  return { ...record, health: 'healthy', suspicions: 0, bytesAt: now };
}

/** A proxy saw this engine fail. */
export function afterFailure(record: HealthRecord, rules: HealthRules): HealthRecord {
  return { ...record, suspicions: Math.min(record.suspicions + 1, rules.unhealthyAfter - 1) };
}

/**
 * How long to wait before the next probe. A healthy engine is left alone for the whole interval, one failed probe
 * or not; any other is asked again after 1 s, 2 s, 4 s …, and every second while somebody waits for an engine, so that
 * it is back as soon as it answers.
 */
export function nextProbeDelayMs(record: HealthRecord, rules: HealthRules, isWanted: boolean): number {
  if (record.health === 'healthy' && record.suspicions === 0) return rules.probeIntervalMs;
  const doublings = isWanted ? 0 : Math.max(0, Math.min(record.probeFailures, 20) - 1);
  return Math.min(rules.probeIntervalMs, firstRetryMs * 2 ** doublings);
}
