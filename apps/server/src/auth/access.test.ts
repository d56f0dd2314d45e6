import { describe, expect, it } from 'vitest';
import type { AccessPolicy } from '../config/config.ts';
import { type AccessRules, type Credentials, decideAccess, type Verdict } from './access.ts';

const rules = (policy: AccessPolicy, auth: 'on' | 'off' = 'on'): AccessRules => ({
  auth,
  authMetrics: policy,
  authPlayback: policy,
  authRead: policy,
});

const local = {
  none: { local: true, key: 'none' },
  right: { local: true, key: 'right' },
  wrong: { local: true, key: 'wrong' },
} as const;
const foreign = {
  none: { local: false, key: 'none' },
  right: { local: false, key: 'right' },
  wrong: { local: false, key: 'wrong' },
} as const;

/** Policy, who, verdict: for each of metrics, read and playback. */
const table: readonly [AccessPolicy, Credentials, Verdict][] = [
  ['open', local.none, 'granted'],
  ['open', foreign.none, 'granted'],
  ['open', foreign.wrong, 'granted'],
  ['local', local.none, 'granted'],
  ['local', local.right, 'granted'],
  ['local', local.wrong, 'key_wrong'],
  ['local', foreign.none, 'key_missing'],
  ['local', foreign.right, 'granted'],
  ['local', foreign.wrong, 'key_wrong'],
  ['key', local.none, 'key_missing'],
  ['key', local.right, 'granted'],
  ['key', local.wrong, 'key_wrong'],
  ['key', foreign.none, 'key_missing'],
  ['key', foreign.right, 'granted'],
];

describe.each(['metrics', 'read', 'playback'] as const)('the %s area', (area) => {
  it.each(table)('with policy %s and %j: %s', (policy, credentials, verdict) => {
    expect(decideAccess(area, rules(policy), credentials)).toBe(verdict);
  });
});

describe('the admin area', () => {
  it.each(['open', 'local', 'key'] as const)('needs the key whatever the other areas say (%s)', (policy) => {
    expect(decideAccess('admin', rules(policy), local.none)).toBe('key_missing');
    expect(decideAccess('admin', rules(policy), foreign.wrong)).toBe('key_wrong');
    expect(decideAccess('admin', rules(policy), foreign.right)).toBe('granted');
  });

  it('is open to everybody when keys are off', () => {
    expect(decideAccess('admin', rules('key', 'off'), foreign.none)).toBe('granted');
  });
});

it('the open area takes anybody', () => {
  expect(decideAccess('open', rules('key'), foreign.wrong)).toBe('granted');
});
