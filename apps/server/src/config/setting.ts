import type { SettingType } from './setting-types.ts';

/** A row of the table of settings. */
export interface Setting<Value> {
  /** The environment variable. */
  readonly name: string;
  readonly type: SettingType<Value>;
  readonly default: Value;
  /** What it is for, in a sentence. */
  readonly text: string;
  /** Where it is shown. Default `server`. */
  readonly group?: SettingGroup;
  /** When a change takes effect: at once, the default, or at the next start. `environment`: it can be set there only. */
  readonly changes?: 'at-once' | 'restart' | 'environment';
}

export const settingGroups = ['server', 'access', 'engines', 'playback', 'loop-detection', 'events'] as const;

export type SettingGroup = (typeof settingGroups)[number];
