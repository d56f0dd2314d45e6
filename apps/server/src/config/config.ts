import { type AccessConfig, accessSettings } from './access-settings.ts';
import { type ContainerConfig, containerFaults, containerSettings } from './container-settings.ts';
import { type EngineConfig, engineSettings } from './engine-settings.ts';
import { type EventConfig, eventSettings } from './event-settings.ts';
import { type HlsConfig, hlsSettings } from './hls-settings.ts';
import { type LoopConfig, loopSettings } from './loop-settings.ts';
import { type M3uConfig, m3uSettings } from './m3u-settings.ts';
import { type PlaybackConfig, playbackSettings } from './playback-settings.ts';
import { type ScalingConfig, scalingFaults, scalingSettings } from './scaling-settings.ts';
import { type ServerConfig, serverSettings } from './server-settings.ts';
import type { Setting } from './setting.ts';
import { SettingFault } from './setting-types.ts';

export type { AccessPolicy } from './access-settings.ts';
export { type Setting, type SettingGroup, settingGroups } from './setting.ts';

/** Everything that can be set, parsed and checked. */
export interface Config
  extends ServerConfig,
    EngineConfig,
    ScalingConfig,
    AccessConfig,
    PlaybackConfig,
    EventConfig,
    M3uConfig,
    HlsConfig,
    LoopConfig,
    ContainerConfig {}

type SettingsTable = { readonly [Field in keyof Config]: Setting<Config[Field]> };

/** The one table of settings; `--help`, the parser and the documentation come from it. */
export const settings: SettingsTable = {
  ...serverSettings,
  ...engineSettings,
  ...scalingSettings,
  ...accessSettings,
  ...playbackSettings,
  ...eventSettings,
  ...m3uSettings,
  ...hlsSettings,
  ...loopSettings,
  ...containerSettings,
};

/** Settings that cannot be used; `faults` has one sentence for each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that were changed while the server ran: texts by name, as in the environment. */
export type SavedSettings = Readonly<Record<string, string>>;

/** The variable's value, when it is set: such a setting cannot be changed while the server runs. */
export function environmentValue(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim() ?? '';
  return value === '' ? undefined : value;
}

/**
 * The settings of `env` by themselves, for what has to be known before saved ones can be read. Whether settings fit
 * together is not looked at. Throws a {@link ConfigError}.
 */
export function readEnvironment(env: Environment): Config {
  return parseAll(env, {});
}

/**
 * Reads every setting: from `env`, else from `saved`, else its default. Variables that are empty count as not set. Throws
 * a {@link ConfigError} with all faults at once.
 */
export function readConfig(env: Environment, saved: SavedSettings = {}): Config {
  const config = parseAll(env, saved);
  const faults = crossFaults(config);
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function parseAll(env: Environment, saved: SavedSettings): Config {
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [field, setting] of Object.entries<Setting<unknown>>(settings)) {
    const raw = environmentValue(env, setting.name) ?? saved[setting.name];
    try {
      values[field] = raw === undefined ? setting.default : setting.type.parse(raw);
    } catch (error) {
      if (!(error instanceof SettingFault)) throw error;
      faults.push(`${setting.name} ${error.message}.`);
      values[field] = setting.default;
    }
  }
  // A value that is broken by itself says nothing about how settings fit together.
  if (faults.length > 0) throw new ConfigError(faults);
  // Every field was parsed by its own row of the table, whose type binds it to Config.
  return values as unknown as Config;
}

/** Where engines come from, once `auto` is decided. */
export function engineSource(config: Config): 'static' | 'demo' | 'docker' {
  if (config.engines === 'demo' || config.engines === 'docker') return config.engines;
  return config.engines === 'static' || config.engineUrls.length > 0 ? 'static' : 'demo';
}

/** Faults of settings together. */
function crossFaults(config: Config): string[] {
  const faults: string[] = [];
  if (config.engines === 'docker') {
    if (config.engineUrls.length > 0) {
      faults.push('ENGINE_URLS names engines of yours, and ENGINES=docker makes others: leave one of them out.');
    }
    faults.push(...containerFaults(config));
  }
  if (config.engines === 'static' && config.engineUrls.length === 0) {
    faults.push('ENGINES=static needs ENGINE_URLS, such as http://127.0.0.1:6878.');
  }
  faults.push(...scalingFaults(config));
  if (config.firstByteTimeoutMs < config.startTimeoutMs) {
    faults.push(
      `FIRST_BYTE_TIMEOUT_MS (${config.firstByteTimeoutMs}) must not be shorter than START_TIMEOUT_MS (${config.startTimeoutMs}).`,
    );
  }
  return faults;
}
