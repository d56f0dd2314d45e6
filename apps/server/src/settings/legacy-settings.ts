/** What a name of the 1.5 release means here, and how its values are written. */
interface LegacySetting {
  readonly setting: string;
  /** Ours is so many times theirs: seconds and milliseconds, say. */
  readonly factor?: number;
}

/** Settings of the 1.5 release that mean the same here, by group of routes. */
export const legacySettings = {
  engine: {
    max_streams_per_engine: { setting: 'STREAMS_PER_ENGINE' },
  },
  proxy: {
    initial_data_wait_timeout: { setting: 'FIRST_BYTE_TIMEOUT_MS', factor: 1_000 },
    channel_shutdown_delay: { setting: 'LINGER_MS', factor: 1_000 },
    max_streams_per_engine: { setting: 'STREAMS_PER_ENGINE' },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, LegacySetting>>>>;

/** Names of the 1.5 release for what does not exist here, or decides itself. They are taken and do nothing. */
const withoutMeaning: ReadonlySet<string> = new Set([
  'ace_live_edge_delay',
  'auto_delete',
  'buffer_chunk_size',
  'chunk_size',
  'client_wait_timeout',
  'connection_timeout',
  'control_mode',
  'hls_buffer_seconds_at_least',
  'hls_client_idle_timeout',
  'hls_initial_buffer_seconds',
  'hls_initial_segments',
  'hls_max_initial_segments',
  'hls_max_segments',
  'hls_segment_fetch_interval',
  'hls_window_size',
  'initial_data_check_interval',
  'keepalive_interval',
  'legacy_api_preflight_tier',
  'manual_engines',
  'manual_mode',
  'no_data_check_interval',
  'no_data_timeout_checks',
  'platform',
  'proxy_prebuffer_seconds',
  'stream_mode',
  'stream_timeout',
  'upstream_connect_timeout',
  'upstream_read_timeout',
  'use_custom_variant',
  'vlc_user_agent',
]);

/** Values of the 1.5 release by our names, and the names that mean nothing here. Names it never had go through as they are. */
export function fromLegacy(
  group: keyof typeof legacySettings,
  values: Readonly<Record<string, unknown>>,
): { readonly values: Record<string, unknown>; readonly ignored: readonly string[] } {
  const known: Readonly<Record<string, LegacySetting>> = legacySettings[group];
  const ours: Record<string, unknown> = {};
  const ignored: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const legacy = Object.hasOwn(known, name) ? known[name] : undefined;
    if (legacy !== undefined) ours[legacy.setting] = times(value, legacy.factor ?? 1);
    else if (withoutMeaning.has(name)) ignored.push(name);
    else ours[name.toUpperCase()] = value;
  }
  return { values: ours, ignored };
}

/** The same settings under the names of the 1.5 release. */
export function toLegacy(
  group: keyof typeof legacySettings,
  value: (name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries<LegacySetting>(legacySettings[group]).map(([name, { setting, factor = 1 }]) => [
      name,
      times(value(setting), 1 / factor),
    ]),
  );
}

function times(value: unknown, factor: number): unknown {
  const number = typeof value === 'number' || (typeof value === 'string' && value.trim() !== '') ? Number(value) : NaN;
  return Number.isFinite(number) ? number * factor : value;
}
