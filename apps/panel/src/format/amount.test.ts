import { describe, expect, it } from 'vitest';
import { formatBitrate, formatBytes, formatKilobyteRate } from './amount.ts';

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_023, '1,023 B'],
    [1_024, '1 KiB'],
    [1_536, '1.5 KiB'],
    [1_048_570, '1 MiB'],
    [5 * 1024 ** 4, '5 TiB'],
    [4_096 * 1024 ** 5, '4,096 PiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [187_500, '188 kbit/s'],
    [999_999, '1 Mbit/s'],
    [1_561_000, '1.56 Mbit/s'],
    [12_345_678, '12.3 Mbit/s'],
  ])('%d bits per second are %s', (rate, text) => {
    expect(formatBitrate(rate)).toBe(text);
  });

  it('counts an engine’s KB as 1024 bytes', () => {
    expect(formatKilobyteRate(200)).toBe('1.64 Mbit/s');
  });

  it('shows a dash for what is not known', () => {
    expect([formatBytes(null), formatBitrate(undefined), formatKilobyteRate(null)]).toEqual(['–', '–', '–']);
  });
});
