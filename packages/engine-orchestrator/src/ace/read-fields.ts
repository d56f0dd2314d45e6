/** Lenient readers of what engines send: numbers as strings, fields under other names, fields that are missing. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The first of these fields that holds a finite number, or text that is one. */
export function readNumber(object: JsonObject, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = object[name];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return undefined;
}

/** The same, for what cannot be negative: engines say -1 for "not known". */
export function readCount(object: JsonObject, ...names: readonly string[]): number | undefined {
  const number = readNumber(object, ...names);
  return number !== undefined && number >= 0 ? number : undefined;
}

/** The first of these fields that holds text that is not empty. */
export function readText(object: JsonObject, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** A flag as engines write it: 0 or 1, as number or text, or true or false. */
export function readFlag(object: JsonObject, name: string): boolean | undefined {
  const value = object[name];
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  const number = readNumber(object, name);
  return number === undefined ? undefined : number !== 0;
}
