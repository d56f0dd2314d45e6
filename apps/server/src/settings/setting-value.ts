import type { Setting } from '../config/config.ts';
import { SettingFault, type SettingForm } from '../config/setting-types.ts';

/** A setting's value in JSON. */
export type SettingValue = number | string | readonly string[] | null;

const textForm: SettingForm = { kind: 'text' };

export function formOf({ type }: Setting<unknown>): SettingForm {
  return type.form ?? textForm;
}

/** A secret is never shown, whatever it is. */
export function toJson(setting: Setting<unknown>, value: unknown): SettingValue {
  const { kind } = formOf(setting);
  if (value === undefined || kind === 'secret') return null;
  if (kind === 'integer') return value as number;
  const text = setting.type.format(value);
  if (kind !== 'list') return text;
  return text === '' ? [] : text.split(',');
}

/** The text that a value in JSON stands for, as it would be in the environment. Throws a SettingFault. */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value.join(',');
  throw new SettingFault('must be a number, a text or a list of texts');
}
