import { expect, test } from 'vitest';
import { SourceError } from './errors.ts';
import { RecoveryBudget } from './recovery-budget.ts';
import { resolveSettings } from './settings.ts';

const reset = new SourceError('reset', 'connection_reset', 'broke off');
const final = new SourceError('refused', 'other', 'on-demand content', { retryable: false });

function budget(recovery: Parameters<typeof resolveSettings>[0]['recovery'] = {}): RecoveryBudget {
  return new RecoveryBudget(resolveSettings({ recovery }).recovery);
}

test('before the first byte so many sources are tried, one that says so ends it at once', () => {
  const opening = budget({ openAttempts: 3 });
  expect([1, 2, 3].map((tried) => opening.verdict(reset, tried, 0))).toEqual([undefined, undefined, 'open_failed']);
  expect(opening.verdict(final, 1, 0)).toBe('open_failed');
});

test('so many failures of one kind within the window are too many; of several kinds, or long ago, they are not', () => {
  const one = budget({ maxFailures: 3, windowMs: 180_000 });
  for (const kind of ['reset', 'reset', 'stalled', 'stalled', 'ended'] as const) one.addFailure(kind, 1_000);
  expect(one.verdict(reset, undefined, 2_000)).toBeUndefined();
  one.addFailure('reset', 3_000);
  expect(one.verdict(reset, undefined, 3_000)).toBe('source_unstable');
  expect(one.verdict(reset, undefined, 180_999)).toBe('source_unstable');
  expect(one.verdict(reset, undefined, 181_000)).toBeUndefined();
});

test('so many attempts within the window are too many', () => {
  const many = budget({ maxAttempts: 3, windowMs: 10_000 });
  for (const atMs of [0, 1_000, 2_000]) many.addAttempt(atMs);
  expect(many.verdict(reset, undefined, 9_999)).toBe('source_unstable');
  expect(many.verdict(reset, undefined, 10_000)).toBeUndefined();
});

test('an outage lasts so long at most, from its first trouble to where a source is well again', () => {
  const long = budget({ maxOutageMs: 60_000 });
  long.troubled(1_000);
  long.troubled(50_000);
  expect(long.verdict(reset, undefined, 60_999)).toBeUndefined();
  expect(long.verdict(reset, undefined, 61_000)).toBe('recovery_exhausted');
  long.settled();
  expect(long.verdict(reset, undefined, 61_000)).toBeUndefined();
});

test('recovery that is switched off, and a failure that is not worth another try, end it', () => {
  expect(budget({ maxFailures: 0 }).verdict(reset, undefined, 0)).toBe('recovery_exhausted');
  expect(budget().verdict(final, undefined, 0)).toBe('recovery_exhausted');
});

test('the first retry comes at once, the others after waits that double, and anew in the next outage', () => {
  const waits = budget({ retryDelayMs: 500 });
  expect(Array.from({ length: 7 }, () => waits.takeDelayMs())).toEqual([0, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  waits.settled();
  expect([waits.takeDelayMs(), waits.takeDelayMs()]).toEqual([0, 500]);
});
