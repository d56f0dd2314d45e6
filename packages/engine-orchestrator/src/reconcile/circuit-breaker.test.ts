import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

const openMs = 1_000;
const failure = { failure: 'no space left' };

function breaker() {
  const changes: string[] = [];
  const made = new CircuitBreaker({ failures: 3, openMs, onChange: (from, to) => changes.push(`${from} → ${to}`) });
  const fail = (...times: readonly number[]): void => {
    for (const now of times) {
      made.began(now);
      made.ended(now, failure);
    }
  };
  return { breaker: made, changes, fail };
}

describe('a circuit breaker', () => {
  it('lets everything through until there are enough failures without a success between them', () => {
    const { breaker: guard, fail } = breaker();
    fail(0, 1);
    guard.ended(2, 'ok');
    fail(3, 4);
    guard.ended(5, 'ignored');
    expect(guard.allowance(5)).toBe(Number.POSITIVE_INFINITY);
    fail(6);
    expect(guard.allowance(6)).toBe(0);
    expect(guard.status(6)).toEqual({
      state: 'open',
      failures: 3,
      threshold: 3,
      retryInMs: openMs,
      lastFailure: 'no space left',
    });
  });

  it('forgets failures that lie far apart', () => {
    const { breaker: guard, fail } = breaker();
    fail(0, openMs / 2, openMs, openMs * 1.5);
    expect(guard.allowance(openMs * 1.5)).toBe(Number.POSITIVE_INFINITY);
    expect(guard.status(openMs * 1.5).failures).toBe(2);
  });

  it('lets one trial through at a time once it has been open for long enough, and its end decides', () => {
    const { breaker: guard, changes, fail } = breaker();
    fail(0, 1, 2);
    expect(guard.allowance(openMs + 1)).toBe(0);
    expect(guard.allowance(openMs + 2)).toBe(1);
    guard.began(openMs + 2);
    expect(guard.allowance(openMs + 3)).toBe(0);
    guard.ended(openMs + 4, failure);
    expect(guard.status(openMs + 4)).toMatchObject({ state: 'open', retryInMs: openMs });
    guard.began(openMs * 2 + 4);
    guard.ended(openMs * 2 + 5, 'ok');
    expect(guard.allowance(openMs * 2 + 5)).toBe(Number.POSITIVE_INFINITY);
    expect(guard.status(openMs * 2 + 5).failures).toBe(0);
    expect(changes).toEqual([
      'closed → open',
      'open → half-open',
      'half-open → open',
      'open → half-open',
      'half-open → closed',
    ]);
  });

  it('gives the trial to the next one when its end says nothing', () => {
    const { breaker: guard, fail } = breaker();
    fail(0, 1, 2);
    guard.began(openMs + 2);
    guard.ended(openMs + 3, 'ignored');
    expect(guard.allowance(openMs + 3)).toBe(1);
  });

  it('is not closed by the success of what began before it opened', () => {
    const { breaker: guard, fail } = breaker();
    guard.began(0);
    fail(1, 2, 3);
    guard.ended(4, 'ok');
    expect(guard.allowance(4)).toBe(0);
  });

  it('opens at once for a failure that will repeat', () => {
    const { breaker: guard } = breaker();
    guard.ended(0, { ...failure, lasting: true });
    expect(guard.allowance(0)).toBe(0);
  });

  it('closes when it is reset, and starts to count anew', () => {
    const { breaker: guard, fail } = breaker();
    fail(0, 1, 2);
    guard.reset();
    fail(3, 4);
    expect(guard.allowance(4)).toBe(Number.POSITIVE_INFINITY);
  });
});
