/** What stands for a value that is not known. */
export const unknown = '–';

const integer = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,345`. */
export function formatCount(value: number | null | undefined): string {
  return value === null || value === undefined ? unknown : integer.format(value);
}

/** `1 viewer`, `2 viewers`. */
export function formatPlural(count: number, one: string, many: string = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `42 %`, `0.4 %`; takes percent, not a fraction. */
export function formatPercent(percent: number | null | undefined): string {
  if (percent === null || percent === undefined) return unknown;
  return `${trim(percent, Math.abs(percent) < 10 && percent % 1 !== 0 ? 1 : 0)} %`;
}

/** A value with three significant digits at most, whole numbers in full. */
export function formatSignificant(value: number): string {
  const size = Math.abs(value);
  if (size >= 1_000) return integer.format(value);
  return trim(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}
