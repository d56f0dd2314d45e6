import { FAULT_TABLE, type FaultName, type FaultParameters, type FaultScope } from './fault-table.ts';
import { checkParameter, type ParameterSpec } from './parameter.ts';

/** Where and when a fault applies. */
export interface FaultReach {
  /** Only this content (40 hex digits, lower case); left out: all. */
  readonly infohash?: string;
  /** How many requests, or readers, it meets before it is spent; left out: all. */
  readonly times?: number;
  /** Streams: bytes sent to the reader, since it opened or the fault was set, before it begins. Default 0. */
  readonly afterBytes?: number;
  /** Streams: milliseconds since the reader opened or the fault was set before it begins. Default 0. */
  readonly afterMs?: number;
}

/** What `set` takes: parameters left out get their defaults. */
export type FaultSettings<N extends FaultName> = Partial<FaultParameters[N]> & FaultReach;

export interface ResolvedSettings<N extends FaultName> {
  readonly parameters: FaultParameters[N];
  readonly reach: FaultReach;
}

const INFOHASH: ParameterSpec<string | undefined> = { type: 'string', default: undefined, text: 'only this content' };
const TIMES: ParameterSpec<number | undefined> = {
  type: 'integer',
  default: undefined,
  minimum: 1,
  text: 'how many requests (readers) it meets',
};
const AFTER_BYTES: ParameterSpec<number> = { type: 'integer', default: 0, minimum: 0, text: 'bytes before it begins' };
const AFTER_MS: ParameterSpec<number> = {
  type: 'integer',
  default: 0,
  minimum: 0,
  text: 'milliseconds before it begins',
};

/** The settings that every fault of a scope takes beside its own. */
export const REACH_PARAMETERS: { readonly [S in FaultScope]: Readonly<Record<string, ParameterSpec<unknown>>> } = {
  engine: {},
  request: { infohash: INFOHASH, times: TIMES },
  stream: { infohash: INFOHASH, times: TIMES, afterBytes: AFTER_BYTES, afterMs: AFTER_MS },
};

/**
 * Checks settings, from code or from JSON, and fills in the defaults.
 * Throws `TypeError` for an unknown parameter or a wrong type, `RangeError` for a value outside its bounds.
 */
export function resolveSettings<N extends FaultName>(
  name: N,
  settings: Readonly<Record<string, unknown>>,
): ResolvedSettings<N> {
  const definition = FAULT_TABLE[name];
  const own: Readonly<Record<string, ParameterSpec<unknown>>> = definition.parameters;
  const shared = REACH_PARAMETERS[definition.scope];
  const parameters: Record<string, unknown> = {};
  const reach: Record<string, unknown> = { ...definition.scopeDefaults };
  for (const [key, spec] of Object.entries(own)) parameters[key] = spec.default;

  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    const spec = own[key] ?? shared[key];
    if (!spec)
      throw new TypeError(
        `${name} has no parameter "${key}"; it takes ${[...Object.keys(own), ...Object.keys(shared)].join(', ') || 'none'}`,
      );
    checkParameter(`${name}: ${key}`, spec, value);
    (own[key] ? parameters : reach)[key] = value;
  }
  const infohash = reach['infohash'];
  if (typeof infohash === 'string') {
    if (!/^[0-9a-f]{40}$/i.test(infohash))
      throw new RangeError(`${name}: infohash must be 40 hex digits, not "${infohash}"`);
    reach['infohash'] = infohash.toLowerCase();
  }
  return { parameters: parameters as FaultParameters[N], reach };
}
