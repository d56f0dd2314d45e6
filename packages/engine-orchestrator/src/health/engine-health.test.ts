import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterBytes,
  afterFailure,
  afterProbeFailure,
  afterProbeSuccess,
  type HealthRecord,
  type HealthRules,
  initialHealth,
  nextProbeDelayMs,
} from './engine-health.ts';

const rules: HealthRules = { unhealthyAfter: 3, bytesFreshMs: 20_000, probeIntervalMs: 20_000 };
const healthy = afterProbeSuccess(initialHealth);

function failProbes(record: HealthRecord, times: number, now = 0): HealthRecord {
  let result = record;
  for (let i = 0; i < times; i += 1) result = afterProbeFailure(result, 'down', now, rules);
  return result;
}

describe('the health of an engine', () => {
  it('is unknown until a probe succeeds or enough of them fail', () => {
    expect(initialHealth.health).toBe('unknown');
    expect(failProbes(initialHealth, 2).health).toBe('unknown');
    expect(failProbes(initialHealth, 3).health).toBe('unhealthy');
    expect(afterProbeSuccess(failProbes(initialHealth, 2)).health).toBe('healthy');
  });

  it('survives two failed probes in a row but not three', () => {
    expect(failProbes(healthy, 2).health).toBe('healthy');
    expect(failProbes(healthy, 3)).toMatchObject({ health: 'unhealthy', reason: 'down' });
  });

  it('starts counting again after a probe that succeeded', () => {
    expect(failProbes(afterProbeSuccess(failProbes(healthy, 2)), 2).health).toBe('healthy');
  });

  it('does not turn bad while bytes flow, however many probes fail', () => {
    expect(failProbes(afterBytes(healthy, 1_000), 10, 21_000).health).toBe('healthy');
    expect(failProbes(afterBytes(healthy, 1_000), 3, 21_001).health).toBe('unhealthy');
  });

  it('turns good as soon as bytes flow', () => {
    expect(afterBytes(failProbes(healthy, 3), 0).health).toBe('healthy');
  });

  it('counts what the proxies saw fail, and lets a failed probe have the last word', () => {
    let record = healthy;
    for (let i = 0; i < 10; i += 1) record = afterFailure(record, rules);
    expect(record.health).toBe('healthy');
    expect(failProbes(record, 1).health).toBe('unhealthy');
    expect(failProbes(afterProbeSuccess(record), 2).health).toBe('healthy');
  });

  it('does not take bytes from before a failure for a sign of life', () => {
    const record = afterFailure(afterFailure(afterBytes(healthy, 0), rules), rules);
    expect(failProbes(record, 1, 10).health).toBe('unhealthy');
    expect(failProbes(afterBytes(record, 5), 1, 10).health).toBe('healthy');
  });

  it('becomes bad by a failed probe only, and good by a successful probe or bytes only', () => {
    const step = fc.constantFrom('success', 'failed-probe', 'bytes', 'failure');
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        let record = initialHealth;
        steps.forEach((kind, now) => {
          const before = record.health;
          if (kind === 'success') record = afterProbeSuccess(record);
          else if (kind === 'failed-probe') record = afterProbeFailure(record, 'down', now, rules);
          else if (kind === 'bytes') record = afterBytes(record, now);
          else record = afterFailure(record, rules);
          if (record.health !== before && record.health === 'unhealthy') expect(kind).toBe('failed-probe');
          if (kind === 'success' || kind === 'bytes') expect(record.health).toBe('healthy');
          if (kind === 'failure') expect(record.health).toBe(before);
        });
      }),
    );
  });
});

describe('the pause before the next probe', () => {
  it('is the whole interval for a healthy engine, even after a failed probe', () => {
    expect(nextProbeDelayMs(healthy, rules, true)).toBe(20_000);
    expect(nextProbeDelayMs(failProbes(healthy, 2), rules, true)).toBe(20_000);
  });

  it('begins at a second and doubles up to the interval for any other', () => {
    const delays = [1, 2, 3, 4, 5, 6, 100].map((times) =>
      nextProbeDelayMs(failProbes(initialHealth, times), rules, false),
    );
    expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]);
  });

  it('is short while a proxy suspects the engine', () => {
    expect(nextProbeDelayMs(afterFailure(healthy, rules), rules, false)).toBe(1_000);
  });

  it('is a second while somebody waits for an engine', () => {
    expect(nextProbeDelayMs(failProbes(initialHealth, 6), rules, true)).toBe(1_000);
  });
});
