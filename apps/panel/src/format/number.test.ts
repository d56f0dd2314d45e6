import { describe, expect, it } from 'vitest';
import { formatCount, formatPercent, formatPlural, formatSignificant } from './number.ts';

describe('numbers', () => {
  it('groups thousands', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
    expect(formatCount(null)).toBe('–');
  });

  it('knows one from many', () => {
    expect([0, 1, 2].map((count) => formatPlural(count, 'viewer'))).toEqual(['0 viewers', '1 viewer', '2 viewers']);
  });

  it('gives small percentages a digit and none that says nothing', () => {
    expect([0, 0.42, 3, 42.4, 100].map(formatPercent)).toEqual(['0 %', '0.4 %', '3 %', '42 %', '100 %']);
  });

  it('keeps three significant digits', () => {
    expect([0.123, 1.2345, 12.345, 123.45, 12_345].map(formatSignificant)).toEqual([
      '0.12',
      '1.23',
      '12.3',
      '123',
      '12,345',
    ]);
  });
});
