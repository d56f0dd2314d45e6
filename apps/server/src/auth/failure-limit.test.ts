import { describe, expect, it } from 'vitest';
import { FailureLimit } from './failure-limit.ts';

function limitAt(max: number): { limit: FailureLimit; clock: { nowMs: number } } {
  const clock = { nowMs: 5 };
  return { limit: new FailureLimit({ max: () => max, nowMs: () => clock.nowMs }), clock };
}

describe('an address that shows wrong keys', () => {
  it('is blocked from the last one allowed until a minute after the first', () => {
    const { limit, clock } = limitAt(3);
    for (let count = 0; count < 3; count++) {
      expect(limit.blockedSeconds('203.0.113.9')).toBe(0);
      limit.failed('203.0.113.9');
      clock.nowMs += 10_000;
    }
    expect(limit.blockedSeconds('203.0.113.9')).toBe(30);
    clock.nowMs += 29_999;
    expect(limit.blockedSeconds('203.0.113.9')).toBe(1);
    clock.nowMs += 1;
    expect(limit.blockedSeconds('203.0.113.9')).toBe(0);
    limit.failed('203.0.113.9');
    expect(limit.blockedSeconds('203.0.113.9')).toBe(0);
  });

  it('does not block others', () => {
    const { limit } = limitAt(1);
    limit.failed('203.0.113.9');
    expect(limit.blockedSeconds('203.0.113.8')).toBe(0);
  });

  it('is its whole network with IPv6', () => {
    const { limit } = limitAt(1);
    limit.failed('2001:db8:1:2::5');
    expect(limit.blockedSeconds('2001:db8:1:2:3:4:5:6')).toBe(60);
    expect(limit.blockedSeconds('2001:db8:1:3::5')).toBe(0);
    limit.failed('2001:db8::1');
    expect(limit.blockedSeconds('2001:db8::2')).toBe(60);
  });

  it('is never blocked when any number is allowed', () => {
    const { limit } = limitAt(0);
    for (let count = 0; count < 100; count++) limit.failed('203.0.113.9');
    expect(limit.blockedSeconds('203.0.113.9')).toBe(0);
  });

  it('is forgotten when very many others came after it', () => {
    const { limit } = limitAt(1);
    limit.failed('10.0.0.1');
    for (let count = 0; count < 10_000; count++) limit.failed(`address ${count}`);
    expect(limit.blockedSeconds('10.0.0.1')).toBe(0);
    expect(limit.blockedSeconds('address 1')).toBe(60);
  });
});
