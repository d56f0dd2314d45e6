import type { ProxySettings } from './contract.ts';
import { defaultMemoryBytes } from './memory-budget.ts';

type Groups = Omit<ProxySettings, 'programNumber'>;

/** What {@link MpegTsProxy} takes: any part of the settings. */
export type ProxySettingsInput = { readonly [Group in keyof Groups]?: Partial<Groups[Group]> } & {
  readonly programNumber?: number | undefined;
};

interface Bound {
  readonly default: number;
  readonly min: number;
  readonly max: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;
const bound = (value: number, min: number, max: number): Bound => ({ default: value, min, max });

/** Every setting: default, smallest and largest value. */
export const SETTING_BOUNDS: { readonly [Group in keyof Groups]: { readonly [Name in keyof Groups[Group]]: Bound } } = {
  ring: {
    maxBytes: bound(32 * MIB, 512 * KIB, 2048 * MIB),
    maxDurationMs: bound(30_000, 1_000, HOUR_MS),
    maxAheadMs: bound(20_000, 500, HOUR_MS),
  },
  join: { behindMs: bound(10_000, 0, HOUR_MS), maxKeyframeWaitMs: bound(5_000, 0, 60_000) },
  batch: { minMs: bound(15, 1, 1_000), maxMs: bound(115, 1, 1_000), maxBytes: bound(128 * KIB, KIB, 16 * MIB) },
  recovery: {
    stallMs: bound(3_000, 100, HOUR_MS),
    minLeadMs: bound(3_000, 0, HOUR_MS),
    hedgeMs: bound(0, 0, HOUR_MS),
    searchMs: bound(5_000, 0, 60_000),
    searchBytes: bound(64 * MIB, 0, 1024 * MIB),
    openAttempts: bound(3, 1, 100),
    maxOutageMs: bound(60_000, 0, HOUR_MS),
    minDeliveredMs: bound(5_000, 0, HOUR_MS),
    maxFailures: bound(3, 0, 1_000),
    windowMs: bound(180_000, 1_000, 24 * HOUR_MS),
    maxAttempts: bound(15, 1, 10_000),
    retryDelayMs: bound(500, 0, 60_000),
  },
  linger: { ms: bound(15_000, 0, HOUR_MS) },
  client: {
    stallTimeoutMs: bound(300_000, 1_000, 24 * HOUR_MS),
    keepAliveMs: bound(1_000, 100, 60_000),
    keepAliveMaxMs: bound(60_000, 0, HOUR_MS),
  },
  limits: {
    clientsPerSession: bound(1_000, 1, 1_000_000),
    sessions: bound(200, 1, 100_000),
    memoryBytes: bound(defaultMemoryBytes(), MIB, Number.MAX_SAFE_INTEGER),
    firstByteMs: bound(60_000, 100, HOUR_MS),
    firstByteCapMs: bound(120_000, 100, HOUR_MS),
  },
};

/**
 * Fills in the defaults.
 *
 * @throws RangeError for a value out of bounds, TypeError for a name that does not exist
 */
export function resolveSettings(input: ProxySettingsInput): ProxySettings {
  const { programNumber } = input;
  if (
    programNumber !== undefined &&
    !(Number.isInteger(programNumber) && programNumber > 0 && programNumber < 65_536)
  ) {
    throw new RangeError(`programNumber must be an integer from 1 to 65535, not ${programNumber}`);
  }
  return Object.freeze({
    ring: resolveGroup('ring', input.ring),
    join: resolveGroup('join', input.join),
    batch: resolveGroup('batch', input.batch),
    recovery: resolveGroup('recovery', input.recovery),
    linger: resolveGroup('linger', input.linger),
    client: resolveGroup('client', input.client),
    limits: resolveGroup('limits', input.limits),
    programNumber,
  });
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
