import { type ContainerConfig, containerFaults, containerSettings } from './container-settings.ts';
import { type ScalingConfig, scalingFaults, scalingSettings } from './scaling-settings.ts';
import type { Setting } from './setting.ts';
import {
  basePath,
  choice,
  type EngineAddress,
  engineUrls,
  integer,
  networks,
  origins,
  SettingFault,
  type SettingType,
  secret,
  text,
  toggle,
} from './setting-types.ts';

export { type Setting, type SettingGroup, settingGroups } from './setting.ts';

/** Who gets in without a key: everybody, peers of the local network, or nobody. */
export type AccessPolicy = 'open' | 'local' | 'key';

/** Everything that can be set, parsed and checked. */
export interface Config extends ContainerConfig, ScalingConfig {
  readonly port: number;
  readonly host: string;
  /** Empty, or `/tv`: no slash at the end. */
  readonly basePath: string;
  readonly shutdownTimeoutMs: number;
  readonly dataDir: string;
  readonly logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  readonly engines: 'auto' | 'static' | 'docker' | 'demo';
  readonly engineUrls: readonly EngineAddress[];
  readonly streamsPerEngine: number;
  readonly probeIntervalMs: number;
  readonly stopTimeoutMs: number;
  readonly auth: 'on' | 'off';
  readonly apiKey: string | undefined;
  readonly authPlayback: AccessPolicy;
  readonly authRead: AccessPolicy;
  readonly authMetrics: AccessPolicy;
  readonly authMaxFailures: number;
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  readonly joinBehindMs: number;
  readonly lingerMs: number;
  readonly startTimeoutMs: number;
  readonly statusHoldMs: number;
  readonly firstByteTimeoutMs: number;
  readonly hedgeMs: number;
  readonly sourceStallMs: number;
  readonly maxOutageMs: number;
  readonly clientStallMs: number;
  readonly maxStreams: number;
  readonly maxClientsPerStream: number;
  readonly memoryLimitMb: number;
  readonly eventsMaxRows: number;
  readonly eventsMaxAgeDays: number;
  readonly m3uNetworks: readonly string[];
  readonly m3uMaxMb: number;
  readonly m3uTimeoutMs: number;
  readonly streamFormat: 'ts' | 'hls';
  readonly hlsSource: 'ts' | 'engine';
  readonly hlsLowLatency: 'on' | 'off';
  readonly hlsTargetDurationSeconds: number;
  readonly hlsWindowSegments: number;
  readonly hlsFirstPlaylistMs: number;
  readonly loopDetection: boolean;
  readonly loopThresholdSeconds: number;
  readonly loopCheckSeconds: number;
  readonly loopRetentionMinutes: number;
}

type SettingsTable = { readonly [Field in keyof Config]: Setting<Config[Field]> };

const policy: SettingType<AccessPolicy> = choice('open', 'local', 'key');

/** The one table of settings; `--help`, the parser and the documentation come from it. */
export const settings: SettingsTable = {
  port: {
    name: 'PORT',
    type: integer(0, 65535),
    default: 8000,
    text: 'TCP port to listen on; 0 takes a free one.',
    changes: 'restart',
  },
  host: { name: 'HOST', type: text('address'), default: '0.0.0.0', text: 'Address to listen on.', changes: 'restart' },
  basePath: {
    name: 'BASE_PATH',
    type: basePath(),
    default: '',
    text: 'Path under which a reverse proxy shows this server; requests with and without it are answered.',
    changes: 'restart',
  },
  shutdownTimeoutMs: {
    name: 'SHUTDOWN_TIMEOUT_MS',
    type: integer(100, 600_000, 'ms'),
    default: 900,
    text: 'What is not closed so long after SIGTERM is cut off. With ENGINES_ON_EXIT=remove it is at least 10 s more than ENGINE_STOP_TIMEOUT_MS.',
    changes: 'restart',
  },
  dataDir: {
    name: 'DATA_DIR',
    type: text('folder'),
    default: './data',
    text: 'Folder for what must survive a restart.',
    changes: 'environment',
  },
  logLevel: {
    name: 'LOG_LEVEL',
    type: choice('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
    default: 'info',
    text: 'Least important log line that is written.',
  },
  engines: {
    name: 'ENGINES',
    type: choice('auto', 'static', 'docker', 'demo'),
    default: 'auto',
    text: 'Where engines come from; auto is static when ENGINE_URLS is set and the built-in simulated ones otherwise.',
    group: 'engines',
    changes: 'restart',
  },
  engineUrls: {
    name: 'ENGINE_URLS',
    type: engineUrls(),
    default: [],
    text: 'Engines that you run yourself.',
    group: 'engines',
    changes: 'restart',
  },
  streamsPerEngine: {
    name: 'STREAMS_PER_ENGINE',
    type: integer(1, 100),
    default: 3,
    text: 'Streams one engine plays at the same time.',
    group: 'engines',
    changes: 'restart',
  },
  probeIntervalMs: {
    name: 'ENGINE_PROBE_INTERVAL_MS',
    type: integer(100, 600_000, 'ms'),
    default: 20_000,
    text: 'Time between two health checks of an engine.',
    group: 'engines',
    changes: 'restart',
  },
  stopTimeoutMs: {
    name: 'ENGINE_STOP_TIMEOUT_MS',
    type: integer(100, 60_000, 'ms'),
    default: 5_000,
    text: 'How long an engine may take to stop a stream before its place is taken for free.',
    group: 'engines',
  },
  ...scalingSettings,
  auth: {
    name: 'AUTH',
    type: choice('on', 'off'),
    default: 'on',
    text: 'Whether keys are asked for at all.',
    group: 'access',
  },
  apiKey: {
    name: 'API_KEY',
    type: secret(8),
    default: undefined,
    text: 'The key; without one it is made on first start and kept in DATA_DIR.',
    group: 'access',
    changes: 'environment',
  },
  authPlayback: {
    name: 'AUTH_PLAYBACK',
    type: policy,
    default: 'local',
    text: 'Who plays without the key: everybody, local peers, nobody.',
    group: 'access',
  },
  authRead: {
    name: 'AUTH_READ',
    type: policy,
    default: 'local',
    text: 'Who sees engines and streams without the key.',
    group: 'access',
  },
  authMetrics: {
    name: 'AUTH_METRICS',
    type: policy,
    default: 'local',
    text: 'Who reads metrics without the key.',
    group: 'access',
  },
  authMaxFailures: {
    name: 'AUTH_MAX_FAILURES',
    type: integer(0, 100_000),
    default: 30,
    text: 'Wrong keys that an address may show in a minute; 0 for any number.',
    group: 'access',
    changes: 'restart',
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    type: networks(),
    default: [],
    text: 'Reverse proxies whose X-Forwarded-For, -Proto, -Host and -Prefix are believed.',
    group: 'access',
    changes: 'restart',
  },
  corsOrigins: {
    name: 'CORS_ORIGINS',
    type: origins(),
    default: [],
    text: 'Pages of other hosts that may use the management API from a browser; playback is open to all.',
    group: 'access',
    changes: 'restart',
  },
  joinBehindMs: {
    name: 'JOIN_BEHIND_MS',
    type: integer(0, 25_000, 'ms'),
    default: 10_000,
    text: 'How far behind live a player starts: what it holds hides an engine that dies.',
    group: 'playback',
  },
  lingerMs: {
    name: 'LINGER_MS',
    type: integer(0, 3_600_000, 'ms'),
    default: 15_000,
    text: 'How long a stream goes on after its last player left.',
    group: 'playback',
  },
  startTimeoutMs: {
    name: 'START_TIMEOUT_MS',
    type: integer(100, 120_000, 'ms'),
    default: 20_000,
    text: 'Longest wait for a free engine and its answer, before a player gets an error.',
    group: 'playback',
  },
  statusHoldMs: {
    name: 'STATUS_HOLD_MS',
    type: integer(0, 60_000, 'ms'),
    default: 5_000,
    text: 'After that, how long the status line waits for the first bytes before 200 is sent.',
    group: 'playback',
  },
  firstByteTimeoutMs: {
    name: 'FIRST_BYTE_TIMEOUT_MS',
    type: integer(100, 300_000, 'ms'),
    default: 50_000,
    text: 'Longest wait from the request to the first byte.',
    group: 'playback',
  },
  hedgeMs: {
    name: 'HEDGE_MS',
    type: integer(0, 60_000, 'ms'),
    default: 10_000,
    text: 'A second engine is tried when the first has sent nothing for so long and one is free; 0 for never.',
    group: 'playback',
  },
  sourceStallMs: {
    name: 'SOURCE_STALL_MS',
    type: integer(500, 60_000, 'ms'),
    default: 3_000,
    text: 'Silence of an engine after which another one is tried.',
    group: 'playback',
  },
  maxOutageMs: {
    name: 'MAX_OUTAGE_MS',
    type: integer(0, 3_600_000, 'ms'),
    default: 60_000,
    text: 'A stream whose engines are gone ends when no other has taken over for so long.',
    group: 'playback',
  },
  clientStallMs: {
    name: 'CLIENT_STALL_MS',
    type: integer(1_000, 3_600_000, 'ms'),
    default: 300_000,
    text: 'A player that takes nothing for so long is disconnected.',
    group: 'playback',
  },
  maxStreams: {
    name: 'MAX_STREAMS',
    type: integer(1, 10_000),
    default: 200,
    text: 'Streams at the same time.',
    group: 'playback',
  },
  maxClientsPerStream: {
    name: 'MAX_CLIENTS_PER_STREAM',
    type: integer(1, 100_000),
    default: 1_000,
    text: 'Players of one stream at the same time.',
    group: 'playback',
  },
  memoryLimitMb: {
    name: 'MEMORY_LIMIT_MB',
    type: integer(0, 1_048_576, 'MiB'),
    default: 0,
    text: 'Memory for buffered video; 0 is a quarter of what the machine or its container has, at most 2 GiB.',
    group: 'playback',
    changes: 'restart',
  },
  eventsMaxRows: {
    name: 'EVENTS_MAX_ROWS',
    type: integer(100, 1_000_000),
    default: 10_000,
    text: 'Events that are kept; the oldest go first.',
    group: 'events',
  },
  eventsMaxAgeDays: {
    name: 'EVENTS_MAX_AGE_DAYS',
    type: integer(1, 3_650, 'days'),
    default: 30,
    text: 'How long events are kept.',
    group: 'events',
  },
  m3uNetworks: {
    name: 'M3U_NETWORKS',
    type: networks(),
    default: [],
    text: 'Private networks from which playlists may be fetched; public addresses always may.',
  },
  m3uMaxMb: { name: 'M3U_MAX_MB', type: integer(1, 1_024, 'MiB'), default: 64, text: 'Largest playlist.' },
  m3uTimeoutMs: {
    name: 'M3U_TIMEOUT_MS',
    type: integer(1_000, 600_000, 'ms'),
    default: 60_000,
    text: 'Longest time a playlist may take.',
  },
  streamFormat: {
    name: 'STREAM_FORMAT',
    type: choice('ts', 'hls'),
    default: 'ts',
    text: 'What /ace/getstream plays when the player does not say format=ts or format=hls.',
    group: 'playback',
  },
  hlsSource: {
    name: 'HLS_SOURCE',
    type: choice('ts', 'engine'),
    default: 'ts',
    text: 'Whether HLS is cut from the MPEG-TS stream, or taken from the HLS of engines.',
    group: 'playback',
    changes: 'restart',
  },
  hlsLowLatency: {
    name: 'HLS_LL',
    type: choice('on', 'off'),
    default: 'off',
    text: 'Whether HLS players get low-latency playlists without asking for ll=1.',
    group: 'playback',
    changes: 'restart',
  },
  hlsTargetDurationSeconds: {
    name: 'HLS_TARGET_DURATION',
    type: integer(2, 30, 's'),
    default: 6,
    text: 'Longest HLS segment that is cut.',
    group: 'playback',
    changes: 'restart',
  },
  hlsWindowSegments: {
    name: 'HLS_WINDOW_SEGMENTS',
    type: integer(3, 1_000),
    default: 8,
    text: 'Segments in an HLS playlist; more while they are shorter than five target durations together.',
    group: 'playback',
    changes: 'restart',
  },
  hlsFirstPlaylistMs: {
    name: 'HLS_FIRST_PLAYLIST_MS',
    type: integer(1_000, 120_000, 'ms'),
    default: 30_000,
    text: 'Longest wait for the first HLS playlist of a stream.',
    group: 'playback',
    changes: 'restart',
  },
  loopDetection: {
    name: 'STREAM_LOOP_DETECTION_ENABLED',
    type: toggle(),
    default: false,
    text: 'Whether a stream that repeats an old broadcast is ended, and refused from then on.',
    group: 'loop-detection',
  },
  loopThresholdSeconds: {
    name: 'STREAM_LOOP_DETECTION_THRESHOLD_S',
    type: integer(60, 31_536_000, 's'),
    default: 3_600,
    text: 'How old the newest piece of a live stream may be.',
    group: 'loop-detection',
  },
  loopCheckSeconds: {
    name: 'STREAM_LOOP_CHECK_INTERVAL_S',
    type: integer(5, 3_600, 's'),
    default: 10,
    text: 'Time between two looks at a stream.',
    group: 'loop-detection',
  },
  loopRetentionMinutes: {
    name: 'STREAM_LOOP_RETENTION_MINUTES',
    type: integer(0, 525_600, 'minutes'),
    default: 0,
    text: 'How long a looping content is refused; 0 for ever.',
    group: 'loop-detection',
  },
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
