import { formatSignificant, unknown } from './number.ts';

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const bitUnits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'] as const;

type Amount = number | null | undefined;

/** `1.5 MiB`. */
export function formatBytes(bytes: Amount): string {
  return withUnit(bytes, 1_024, byteUnits);
}

/** `1.56 Mbit/s`, from bits per second. */
export function formatBitrate(bitsPerSecond: Amount): string {
  return withUnit(bitsPerSecond, 1_000, bitUnits);
}

/** `1.56 Mbit/s`, from the KB/s in which an engine counts. */
export function formatKilobyteRate(kilobytesPerSecond: Amount): string {
  return formatBitrate(
    kilobytesPerSecond === null || kilobytesPerSecond === undefined ? undefined : kilobytesPerSecond * 8_192,
  );
}

function withUnit(value: Amount, step: number, units: readonly string[]): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return unknown;
  let scaled = value;
  let unit = 0;
  // 999.9 would be shown as 1000 of the smaller unit.
  while (Math.abs(scaled) >= step * 0.9995 && unit < units.length - 1) {
    scaled /= step;
    unit += 1;
  }
  return `${formatSignificant(scaled)} ${units[unit]}`;
}
