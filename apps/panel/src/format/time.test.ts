import { describe, expect, it } from 'vitest';
import { formatAgo, formatDuration } from './time.ts';

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

describe('durations', () => {
  it.each([
    [0, '0 ms'],
    [0.85, '850 µs'],
    [12.34, '12.3 ms'],
    [999, '999 ms'],
    [1_550, '1.5 s'],
    [59_999, '59.9 s'],
    [2 * minute + 5 * second, '2 min 5 s'],
    [3 * hour, '3 h'],
    [3 * hour + 20 * minute, '3 h 20 min'],
    [50 * hour, '2 d 2 h'],
    [-2 * second, '-2 s'],
  ])('%d ms are %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('are a dash when not known', () => {
    expect([formatDuration(null), formatDuration(Number.NaN)]).toEqual(['–', '–']);
  });
});

describe('relative times', () => {
  it.each([
    [500, 'just now'],
    [12 * second, '12 s ago'],
    [5.9 * minute, '5 min ago'],
    [30 * hour, '1 d ago'],
    [-3 * hour, 'in 3 h'],
  ])('%d ms before now is %s', (age, text) => {
    expect(formatAgo(1_000_000_000 - age, 1_000_000_000)).toBe(text);
  });
});
