import { describe, expect, it } from 'vitest';
import type { SettingDescription } from '../../api/types.ts';
import { isSameValue, parseSetting, readableTime, textOfValue } from './setting-value.ts';

const setting = (patch: Partial<SettingDescription>): SettingDescription =>
  ({ kind: 'text', min: null, max: null, choices: null, ...patch }) as SettingDescription;

describe('a field of a setting', () => {
  const port = setting({ kind: 'integer', min: 0, max: 65_535 });

  it.each([
    ['0', { value: 0 }],
    [' 8000 ', { value: 8_000 }],
    ['', { value: null }],
    ['65536', { fault: 'From 0 to 65535.' }],
    ['1.5', { fault: 'A whole number.' }],
    ['many', { fault: 'A whole number.' }],
  ])('with a number reads %j as %j', (text, parsed) => {
    expect(parseSetting(port, text)).toEqual(parsed);
  });

  it('knows its choices', () => {
    const policy = setting({ kind: 'choice', choices: ['open', 'key'] });
    expect(parseSetting(policy, 'key')).toEqual({ value: 'key' });
    expect(parseSetting(policy, 'maybe')).toEqual({ fault: 'One of open, key.' });
  });

  it('splits a list at commas, spaces and lines, and shows it as it was', () => {
    const list = setting({ kind: 'list' });
    expect(parseSetting(list, '10.0.0.0/8, ::1\n192.168.0.1')).toEqual({ value: ['10.0.0.0/8', '::1', '192.168.0.1'] });
    expect(textOfValue(['a', 'b'])).toBe('a, b');
  });
});

it('tells a zero from nothing, and lists by what is in them', () => {
  expect(isSameValue(0, null)).toBe(false);
  expect(isSameValue(['a'], ['a'])).toBe(true);
  expect(textOfValue(0)).toBe('0');
});

it.each([
  ['ms', '900000', '15 min'],
  ['ms', '900', undefined],
  ['s', '90', '1 min 30 s'],
  ['s', '30', undefined],
  ['ms', 'soon', undefined],
  ['ms', '', undefined],
  ['MiB', '5000', undefined],
  [null, '5000', undefined],
])('a time in %s, %j, reads as %s', (unit, text, readable) => {
  expect(readableTime(unit, text)).toBe(readable);
});
