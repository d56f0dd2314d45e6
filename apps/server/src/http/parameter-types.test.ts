import { describe, expect, it } from 'vitest';
import { choice, moment, wholeNumber } from './parameter-types.ts';

describe('a whole number', () => {
  it.each([
    ['7', 7],
    [' 07 ', 7],
    ['+7', 7],
    [7, 7],
    ['0', 0],
  ])('takes %j', (value, number) => {
    expect(wholeNumber(0, 10).parse(value)).toBe(number);
  });

  it.each(['', ' ', 'a', '7.5', '1e1', '0x7', '11', '-1', 7.5, 11, null, true, [], ['7'], {}, undefined, Number.NaN])(
    'does not take %j',
    (value) => {
      expect(wholeNumber(0, 10).safeParse(value).success).toBe(false);
    },
  );
});

describe('a choice', () => {
  it.each(['ts', 'TS', ' Ts '])('takes %j', (value) => {
    expect(choice(['ts', 'hls']).parse(value)).toBe('ts');
  });

  it.each(['', 'avi', 'ts,hls', null, ['ts'], 1])('does not take %j', (value) => {
    expect(choice(['ts', 'hls']).safeParse(value).success).toBe(false);
  });
});

describe('a moment', () => {
  it.each([
    ['2026-11-25T08:00:00Z', '2026-11-25T08:00:00Z'],
    ['2026-11-25T08:00:00.123456+00:00', '2026-11-25T08:00:00Z'],
    // The plus sign that was not escaped, and the blank that Python prints.
    ['2026-11-25T09:00:00 01:00', '2026-11-25T08:00:00Z'],
    ['2026-11-25 09:00:00.5 01:00', '2026-11-25T08:00:00.5Z'],
    ['2026-11-25 08:00:00', '2026-11-25T08:00:00'],
  ])('takes %s', (value, same) => {
    expect(Math.trunc(Date.parse(moment().parse(value)) / 500)).toBe(Math.trunc(Date.parse(same) / 500));
  });

  it.each(['', 'yesterday', '2026-13-25T08:00:00Z', '1764057600', null, 5])('does not take %j', (value) => {
    expect(moment().safeParse(value).success).toBe(false);
  });
});
