/**
 * Settings of programs that people come from: the AceStream Orchestrator 1.5 and acexy. What means the same here is
 * taken over; what does nothing any more is said once, so that nobody relies on it.
 */
export interface EarlierSetting {
  readonly name: string;
  readonly of: '1.5' | 'acexy';
  /** The setting here. None where there is no such thing. */
  readonly becomes?: string;
  /** Its value here; undefined for a value that means nothing here. The same text when left out. */
  readonly convert?: (value: string) => string | undefined;
  /** Why it does nothing, or what else to know. */
  readonly note?: string;
}

export interface TranslatedSettings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One sentence for each setting that was taken over or does nothing. */
  readonly notes: readonly string[];
  /** Settings without which something would happen that the earlier ones forbade. */
  readonly faults: readonly string[];
}

const noPolling = 'nothing is polled: Docker tells what changes';
const madeOnDemand = 'engines are made when they are needed, a few at a time';
const oneRange = 'an engine has the same ports inside and outside, all from ENGINE_PORTS';
const vpnWatched = 'the VPN container is watched through Docker';

export const earlierSettings: readonly EarlierSetting[] = [
  { name: 'APP_PORT', of: '1.5', becomes: 'PORT' },
  { name: 'PORT_RANGE_HOST', of: '1.5', becomes: 'ENGINE_PORTS' },
  { name: 'DEBUG_MODE', of: '1.5', becomes: 'LOG_LEVEL', convert: (value) => (isOn(value) ? 'debug' : undefined) },
  {
    name: 'ENGINE_VARIANT',
    of: '1.5',
    becomes: 'ENGINE_VARIANT',
    convert: (value) => (/^krinkuto11-/.test(value) ? 'auto' : value),
  },
  { name: 'DB_URL', of: '1.5', note: 'everything that is kept lies in DATA_DIR' },
  { name: 'CONTAINER_LABEL', of: '1.5', note: 'containers are known by INSTANCE_ID, and those of 1.5 are left alone' },
  { name: 'AUTO_DELETE', of: '1.5', note: 'idle engines are removed down to MIN_REPLICAS' },
  { name: 'IDLE_TTL_S', of: '1.5', note: 'LINGER_MS says how long a stream outlives its last player' },
  { name: 'MAX_ACTIVE_REPLICAS', of: '1.5', note: 'MAX_REPLICAS bounds all engines' },
  { name: 'COLLECT_INTERVAL_S', of: '1.5', note: 'statistics are read while somebody looks at them' },
  { name: 'STATS_HISTORY_MAX', of: '1.5', note: 'the last 720 readings of a stream are kept' },
  { name: 'MONITOR_INTERVAL_S', of: '1.5', note: noPolling },
  { name: 'AUTOSCALE_INTERVAL_S', of: '1.5', note: noPolling },
  { name: 'MIN_PROVISION_INTERVAL_S', of: '1.5', note: madeOnDemand },
  { name: 'ACE_HTTP_RANGE', of: '1.5', note: oneRange },
  { name: 'ACE_HTTPS_RANGE', of: '1.5', note: oneRange },
  { name: 'ACE_MAP_HTTPS', of: '1.5', note: oneRange },
  { name: 'GLUETUN_API_PORT', of: '1.5', note: vpnWatched },
  { name: 'GLUETUN_HEALTH_CHECK_INTERVAL_S', of: '1.5', note: vpnWatched },
  { name: 'GLUETUN_PORT_CACHE_TTL_S', of: '1.5', note: vpnWatched },
  { name: 'VPN_RESTART_ENGINES_ON_RECONNECT', of: '1.5', note: 'engines are made anew when their network is' },
  { name: 'VPN_UNHEALTHY_RESTART_TIMEOUT_S', of: '1.5', note: 'the VPN container is never restarted from here' },
  { name: 'VPN_MODE', of: '1.5', note: 'engines go into one VPN container' },
  {
    name: 'GLUETUN_CONTAINER_NAME_2',
    of: '1.5',
    note: 'engines go into one VPN container, the one in GLUETUN_CONTAINER_NAME',
  },
  { name: 'GLUETUN_PORT_RANGE_1', of: '1.5', note: 'ENGINE_PORTS is the range of all engines' },
  { name: 'GLUETUN_PORT_RANGE_2', of: '1.5', note: 'ENGINE_PORTS is the range of all engines' },
  { name: 'ACEXY_LISTEN_ADDR', of: 'acexy', becomes: 'PORT', convert: (value) => /:(\d+)$/.exec(value)?.[1] },
  { name: 'ACESTREAM_MIN_REPLICAS', of: 'acexy', becomes: 'MIN_REPLICAS' },
  { name: 'ACESTREAM_MAX_REPLICAS', of: 'acexy', becomes: 'MAX_REPLICAS' },
  { name: 'ACESTREAM_STREAMS_PER_INSTANCE', of: 'acexy', becomes: 'STREAMS_PER_ENGINE' },
  { name: 'ACESTREAM_IDLE_TIMEOUT', of: 'acexy', becomes: 'ENGINE_GRACE_PERIOD_S', convert: goDurationAsSeconds },
  { name: 'ACESTREAM_IMAGE', of: 'acexy', becomes: 'ENGINE_IMAGE' },
  { name: 'ACEXY_SCHEME', of: 'acexy', note: 'engines speak http' },
  { name: 'ACEXY_M3U8', of: 'acexy', note: 'HLS is at /ace/manifest.m3u8, beside MPEG-TS' },
  { name: 'ACEXY_M3U8_STREAM_TIMEOUT', of: 'acexy', note: 'LINGER_MS says how long a stream outlives its last player' },
  { name: 'ACEXY_BUFFER_SIZE', of: 'acexy', note: 'nothing waits for a buffer to fill' },
  { name: 'ACEXY_NO_RESPONSE_TIMEOUT', of: 'acexy', note: 'START_TIMEOUT_MS and FIRST_BYTE_TIMEOUT_MS bound a start' },
  { name: 'ACEXY_EMPTY_TIMEOUT', of: 'acexy', note: 'SOURCE_STALL_MS says when another engine is tried' },
  { name: 'ACEXY_EMPTY_RETRY_COUNT', of: 'acexy', note: 'another engine is tried as long as MAX_OUTAGE_MS allows' },
];

/** Reads an environment as it was written for an earlier program. What is set under the name here always wins. */
export function translateSettings(env: Readonly<Record<string, string | undefined>>): TranslatedSettings {
  const result: Record<string, string | undefined> = { ...env };
  const notes: string[] = [];
  const isSet = (name: string): boolean => (env[name]?.trim() ?? '') !== '';
  for (const setting of earlierSettings) {
    if (!isSet(setting.name)) continue;
    const note = translate(setting, env[setting.name]!.trim(), isSet, result);
    if (note !== undefined) notes.push(note);
  }
  if (isSet('ACEXY_HOST') && !isSet('ENGINE_URLS')) {
    result['ENGINE_URLS'] = `http://${env['ACEXY_HOST']!.trim()}:${env['ACEXY_PORT']?.trim() || '6878'}`;
    notes.push(`ACEXY_HOST and ACEXY_PORT of acexy are taken as ENGINE_URLS=${result['ENGINE_URLS']}.`);
  }
  return { env: result, notes, faults: leaks(result) };
}

function translate(
  { name, of, becomes, convert, note }: EarlierSetting,
  value: string,
  isSet: (name: string) => boolean,
  result: Record<string, string | undefined>,
): string | undefined {
  if (becomes === undefined) return `${name} of ${of} does nothing here: ${note}.`;
  const converted = convert === undefined ? value : convert(value);
  if (name === becomes) {
    result[name] = converted;
    return converted === value ? undefined : `${name}=${value} of ${of} is taken as ${converted}.`;
  }
  if (isSet(becomes)) return `${name} of ${of} does nothing here, because ${becomes} is set.`;
  if (converted === undefined) return undefined;
  result[becomes] = converted;
  return `${name} of ${of} is taken as ${becomes}=${converted}.`;
}

/** Engines must not be made outside a VPN that was asked for. */
function leaks(env: Readonly<Record<string, string | undefined>>): string[] {
  const inContainer = /^container:./.test(env['ENGINE_NETWORK']?.trim() ?? '');
  const named = (env['GLUETUN_CONTAINER_NAME']?.trim() ?? '') !== '';
  if (inContainer || named) return [];
  const asked = [
    env['COMPOSE_PROFILE']?.trim() === 'vpn' ? 'COMPOSE_PROFILE=vpn of acexy' : undefined,
    (env['VPN_MODE']?.trim() ?? '') === '' ? undefined : 'VPN_MODE of 1.5',
    (env['GLUETUN_CONTAINER_NAME_2']?.trim() ?? '') === '' ? undefined : 'GLUETUN_CONTAINER_NAME_2 of 1.5',
  ].filter((name) => name !== undefined);
  return asked.map(
    (name) =>
      `${name} asks for engines inside a VPN: name its container in ENGINE_NETWORK=container:<name>, or leave it out.`,
  );
}

function isOn(value: string): boolean {
  return /^(1|true|yes|on)$/i.test(value);
}

/** A duration as Go writes it: `5m`, `1h30m`, `90s`, `500ms`. */
function goDurationAsSeconds(value: string): string | undefined {
  const unitSeconds: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1, ms: 0.001 };
  const parts = [...value.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)];
  if (parts.map(([part]) => part).join('') !== value || parts.length === 0) return undefined;
  return String(Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * unitSeconds[unit!]!, 0)));
}
