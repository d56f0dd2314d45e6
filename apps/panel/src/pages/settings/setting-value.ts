import type { SettingDescription } from '../../api/types.ts';
import { formatDuration } from '../../format/time.ts';

export type SettingValue = SettingDescription['value'];

/** What stands in the field of a setting. */
export function textOfValue(value: SettingValue): string {
  if (value === null) return '';
  return Array.isArray(value) ? value.join(', ') : String(value);
}

export type Parsed = { readonly value: SettingValue } | { readonly fault: string };

/** Reads a field; the server checks again, and more. An empty one takes the default. */
export function parseSetting({ kind, min, max, choices }: SettingDescription, text: string): Parsed {
  const trimmed = text.trim();
  if (trimmed === '') return { value: null };
  switch (kind) {
    case 'integer':
      return parseInteger(trimmed, min, max);
    case 'choice':
      return choices === null || choices.includes(trimmed)
        ? { value: trimmed }
        : { fault: `One of ${choices.join(', ')}.` };
    case 'list':
      return {
        value: trimmed.split(/[\s,]+/).filter((each) => each !== ''),
      };
    case 'text':
    case 'secret':
      return { value: trimmed };
  }
}

function parseInteger(text: string, min: number | null, max: number | null): Parsed {
  const value = Number(text);
  if (!Number.isInteger(value)) return { fault: 'A whole number.' };
  if ((min !== null && value < min) || (max !== null && value > max)) {
    return { fault: `From ${min ?? 'any'} to ${max ?? 'any'}.` };
  }
  return { value };
}

/** Whether two values are the same one. */
export function isSameValue(one: SettingValue, other: SettingValue): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const msOf: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000 };

/** What a long time is in the units that people count in, such as `15 min` for 900000 ms; undefined where that says no more. */
export function readableTime(unit: string | null, text: string): string | undefined {
  const ms = Number(text.trim()) * (msOf[unit ?? ''] ?? Number.NaN);
  const readable = text.trim() === '' || !(ms >= 1_000) ? undefined : formatDuration(ms);
  return readable === `${text.trim()} ${unit}` ? undefined : readable;
}
