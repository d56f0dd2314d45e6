import type { HlsProxySettings } from './contract.ts';

type Groups = Omit<HlsProxySettings, 'lowLatency'>;

/** What {@link HlsProxy} takes: any part of the settings. */
export type HlsProxySettingsInput = { readonly [Group in keyof Groups]?: Partial<Groups[Group]> } & {
  readonly lowLatency?: boolean;
};

interface Bound {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const bound = (value: number, min: number, max: number): Bound => ({ default: value, min, max });

/** Every setting: default, smallest and largest value. */
export const SETTING_BOUNDS: { readonly [Group in keyof Groups]: { readonly [Name in keyof Groups[Group]]: Bound } } = {
  segment: { targetDurationMs: bound(6_000, 1_000, 60_000), partTargetMs: bound(333, 50, 5_000) },
  window: {
    segments: bound(8, 3, 10_000),
    minSegments: bound(3, 1, 100),
    firstPlaylistMs: bound(30_000, 100, HOUR_MS),
  },
  viewer: { idleMarginMs: bound(10_000, 0, HOUR_MS) },
  linger: { ms: bound(15_000, 0, HOUR_MS), rememberMs: bound(HOUR_MS, 0, 24 * HOUR_MS) },
  recovery: {
    openAttempts: bound(3, 1, 100),
    maxOutageMs: bound(60_000, 0, HOUR_MS),
    retryDelayMs: bound(500, 0, 60_000),
  },
  limits: {
    sessions: bound(200, 1, 100_000),
    viewersPerSession: bound(1_000, 1, 1_000_000),
    sessionBytes: bound(256 * MIB, MIB, Number.MAX_SAFE_INTEGER),
    memoryBytes: bound(1024 * MIB, MIB, Number.MAX_SAFE_INTEGER),
  },
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a value out of bounds, TypeError for a name that does not exist
 */
export function resolveSettings(input: HlsProxySettingsInput): HlsProxySettings {
  const { lowLatency = false, ...groups } = input;
  for (const name of Object.keys(groups)) {
    if (!(name in SETTING_BOUNDS)) throw new TypeError(`${name} is not a setting`);
  }
  if (typeof lowLatency !== 'boolean') throw new TypeError(`lowLatency must be true or false, not ${lowLatency}`);
  const settings = Object.freeze({
    segment: resolveGroup('segment', input.segment),
    window: resolveGroup('window', input.window),
    viewer: resolveGroup('viewer', input.viewer),
    linger: resolveGroup('linger', input.linger),
    recovery: resolveGroup('recovery', input.recovery),
    limits: resolveGroup('limits', input.limits),
    lowLatency,
  });
  if (settings.segment.targetDurationMs % 1_000 !== 0) {
    throw new RangeError(`segment.targetDurationMs must be whole seconds, not ${settings.segment.targetDurationMs} ms`);
  }
  return settings;
}

function resolveGroup<Group extends keyof Groups>(group: Group, input: Partial<Groups[Group]> = {}): Groups[Group] {
  const bounds: Readonly<Record<string, Bound>> = SETTING_BOUNDS[group];
  const resolved: Record<string, number> = {};
  for (const [name, { default: value }] of Object.entries(bounds)) resolved[name] = value;
  const given: Readonly<Record<string, number | undefined>> = input as Record<string, number | undefined>;
  for (const [name, value] of Object.entries(given)) {
    const known = bounds[name];
    if (known === undefined) throw new TypeError(`${group}.${name} is not a setting`);
    if (value === undefined) continue;
    if (!(value >= known.min && value <= known.max)) {
      throw new RangeError(`${group}.${name} must be from ${known.min} to ${known.max}, not ${value}`);
    }
    resolved[name] = value;
  }
  // Every name of the group has been filled in from its own table just above.
  return resolved as unknown as Groups[Group];
}
