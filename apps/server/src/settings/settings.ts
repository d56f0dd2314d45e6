import { ApiError } from '../api-error.ts';
import {
  type Config,
  ConfigError,
  environmentValue,
  readConfig,
  type SavedSettings,
  type Setting,
  type SettingGroup,
  settings as table,
} from '../config/config.ts';
import { SettingFault, type SettingForm } from '../config/setting-types.ts';
import { liveConfig } from './live-config.ts';
import { formOf, type SettingValue, toJson, toText } from './setting-value.ts';

export interface SettingsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What was saved before: a document that {@link save} got. */
  readonly saved?: unknown;
  /** Keeps what is saved. A rejection means that nothing is changed. Default: it is not kept. */
  readonly save?: (saved: SavedSettings) => Promise<void>;
  /** Values that nothing changes, not even bounds hold for them: for programs that embed the server. */
  readonly pinned?: Partial<Config>;
}

/** What a change did. */
export interface SettingsChange {
  /** Names of the settings that have another value now. */
  readonly changed: readonly string[];
  /** Those of them, and of earlier changes, that take effect at the next start. */
  readonly restartRequired: readonly string[];
}

/** One setting, for a form. */
export interface SettingDescription extends SettingForm {
  readonly name: string;
  readonly group: SettingGroup;
  readonly text: string;
  readonly shape: string;
  readonly default: SettingValue;
  /** What is set. */
  readonly value: SettingValue;
  /** What is in effect: another value while a restart is needed. */
  readonly active: SettingValue;
  readonly changes: NonNullable<Setting<unknown>['changes']>;
  /** An environment variable says it, or only one can. */
  readonly locked: boolean;
  readonly source: 'environment' | 'saved' | 'default';
}

const rows = Object.entries<Setting<unknown>>(table) as [keyof Config, Setting<unknown>][];
const rowsByName = new Map(rows.map(([field, row]) => [row.name, { field, row }]));

/**
 * The settings of a running server: an environment variable wins over what is saved, that over the default. A change is
 * checked as a whole together with everything else; one that is wrong changes nothing, in memory or on disk.
 */
export class Settings {
  /** Always reads as it is now. */
  readonly config: Config;
  /** What was saved and cannot be used, a sentence each. It is left out, and stays saved. */
  readonly faults: readonly string[];
  readonly #options: SettingsOptions;
  readonly #listeners = new Set<(changed: readonly string[]) => void>();
  #saved: SavedSettings;
  #current: Config;
  #changing: Promise<unknown> = Promise.resolve();

  /** Throws a ConfigError when the environment cannot be used. */
  constructor(options: SettingsOptions) {
    this.#options = options;
    const saved = textsOf(options.saved);
    const { usable, faults } = usableOf(options.env, saved);
    this.faults = faults;
    this.#saved = usable;
    this.#current = readConfig(options.env, usable);
    this.config = liveConfig(() => this.#current, options.pinned ?? {});
  }

  /** Calls `listener` with the names of what has changed, after every change. */
  onChange(listener: (changed: readonly string[]) => void): void {
    this.#listeners.add(listener);
  }

  /** What is saved, for an export. */
  get saved(): SavedSettings {
    return this.#saved;
  }

  /**
   * Changes settings, by name; `null` takes the default again. Rejects with an ApiError (`bad_settings`,
   * `setting_locked`, `storage_unavailable`), and then nothing has changed.
   */
  change(values: Readonly<Record<string, unknown>>): Promise<SettingsChange> {
    return this.#oneAtATime(() => this.#apply(this.merged(values)));
  }

  /** Saves exactly `saved`, with `save` in place of the usual way. The environment still wins. Rejects as {@link change} does. */
  replace(saved: SavedSettings, save?: (saved: SavedSettings) => Promise<void>): Promise<SettingsChange> {
    return this.#oneAtATime(() => this.#apply(this.checked(saved), save));
  }

  /** What would be saved. Throws as {@link change} rejects. */
  merged(values: Readonly<Record<string, unknown>>): SavedSettings {
    const next: Record<string, string> = { ...this.#saved };
    const faults: string[] = [];
    for (const [name, value] of Object.entries(values)) {
      try {
        this.#merge(next, name, value);
      } catch (error) {
        if (!(error instanceof SettingFault)) throw error;
        faults.push(`${name} ${error.message}.`);
      }
    }
    if (faults.length > 0) throw badSettings(faults);
    return this.checked(next);
  }

  /** `saved`, when it can be used together with the environment. Throws an ApiError `bad_settings`. */
  checked(saved: SavedSettings): SavedSettings {
    try {
      readConfig(this.#options.env, saved);
      return saved;
    } catch (error) {
      throw error instanceof ConfigError ? badSettings(error.faults) : error;
    }
  }

  /** Every setting, in the order of the table. */
  describe(): readonly SettingDescription[] {
    return rows.map(([field, row]) => {
      const { name, group = 'server', text, type, changes = 'at-once' } = row;
      const fromEnvironment = environmentValue(this.#options.env, name) !== undefined;
      return {
        name,
        group,
        text,
        shape: type.shape,
        ...formOf(row),
        default: toJson(row, row.default),
        value: toJson(row, this.#current[field]),
        active: toJson(row, this.config[field]),
        changes,
        locked: fromEnvironment || changes === 'environment',
        source: fromEnvironment ? 'environment' : this.#saved[name] !== undefined ? 'saved' : 'default',
      };
    });
  }

  #merge(next: Record<string, string>, name: string, value: unknown): void {
    const known = rowsByName.get(name);
    if (known === undefined) throw new SettingFault('is not a setting');
    const { field, row } = known;
    const locked = environmentValue(this.#options.env, name) !== undefined || row.changes === 'environment';
    const text = value === null ? undefined : toText(value);
    if (locked) {
      const same =
        text !== undefined && row.type.format(row.type.parse(text)) === row.type.format(this.#current[field]);
      if (same && formOf(row).kind !== 'secret') return;
      throw new ApiError(
        409,
        'setting_locked',
        `${name} is set by an environment variable: change it there, or take it away there first.`,
      );
    }
    if (text === undefined) delete next[name];
    else next[name] = text;
  }

  async #apply(saved: SavedSettings, save = this.#options.save): Promise<SettingsChange> {
    const before = this.#current;
    const next = readConfig(this.#options.env, saved);
    await save?.(saved);
    this.#saved = saved;
    this.#current = next;
    const changed = rows
      .filter(([field, row]) => row.type.format(before[field]) !== row.type.format(next[field]))
      .map(([, { name }]) => name);
    if (changed.length > 0) for (const listener of this.#listeners) listener(changed);
    return { changed, restartRequired: this.restartRequired() };
  }

  /** Names of settings that take effect at the next start only. */
  restartRequired(): readonly string[] {
    return this.describe()
      .filter(({ value, active }) => JSON.stringify(value) !== JSON.stringify(active))
      .map(({ name }) => name);
  }

  async #oneAtATime<Value>(work: () => Promise<Value>): Promise<Value> {
    const turn = this.#changing.then(work);
    this.#changing = turn.catch(() => {});
    return turn;
  }
}

function badSettings(faults: readonly string[]): ApiError {
  return new ApiError(400, 'bad_settings', faults.join(' '), { details: { faults } });
}

/** Texts by name; whatever else a document holds is not a setting. */
function textsOf(document: unknown): SavedSettings {
  if (typeof document !== 'object' || document === null) return {};
  return Object.fromEntries(Object.entries(document).filter(([, value]) => typeof value === 'string'));
}

/** What of `saved` can be used. Who may do what is never loosened by something else that is wrong. */
function usableOf(env: SettingsOptions['env'], saved: SavedSettings): { usable: SavedSettings; faults: string[] } {
  const faults: string[] = [];
  const sound = Object.fromEntries(
    Object.entries(saved).filter(([name, text]) => {
      const row = rowsByName.get(name)?.row;
      try {
        row?.type.parse(text);
        return true;
      } catch (error) {
        faults.push(`The saved ${name} ${(error as Error).message}.`);
        return false;
      }
    }),
  );
  try {
    readConfig(env, sound);
    return { usable: sound, faults };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    // A fault of the environment alone is the user's to mend.
    readConfig(env);
    const access = Object.entries(sound).filter(([name]) => rowsByName.get(name)?.row.group === 'access');
    return {
      usable: Object.fromEntries(access),
      faults: [...faults, ...error.faults.map((fault) => `The saved settings do not fit: ${fault}`)],
    };
  }
}
