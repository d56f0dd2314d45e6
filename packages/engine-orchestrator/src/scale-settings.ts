/** How many engines are kept, and how they are used. Can be changed at any time. */
export interface ScaleSettings {
  /** `manual` keeps the number of engines as it is, but for what is asked for. */
  readonly mode: 'auto' | 'manual';
  /** Engines that are always there. */
  readonly minReplicas: number;
  /** Engines without a lease that are kept in reserve. */
  readonly freeReplicas: number;
  /** There are never more. */
  readonly maxReplicas: number;
  /** Slots of one engine. */
  readonly maxLeasesPerEngine: number;
  /** An engine beyond what is needed goes after so long without a lease. */
  readonly idleGraceMs: number;
}

export const scaleBounds = {
  minReplicas: { default: 1, min: 0, max: 1_000 },
  freeReplicas: { default: 1, min: 0, max: 1_000 },
  maxReplicas: { default: 6, min: 0, max: 1_000 },
  maxLeasesPerEngine: { default: 3, min: 1, max: 1_000 },
  idleGraceMs: { default: 30_000, min: 0, max: 86_400_000 },
} as const;

export const defaultScaleSettings: ScaleSettings = {
  mode: 'auto',
  minReplicas: scaleBounds.minReplicas.default,
  freeReplicas: scaleBounds.freeReplicas.default,
  maxReplicas: scaleBounds.maxReplicas.default,
  maxLeasesPerEngine: scaleBounds.maxLeasesPerEngine.default,
  idleGraceMs: scaleBounds.idleGraceMs.default,
};

/**
 * `settings` with `changes`, checked as a whole; what is undefined there stays. Throws a RangeError that names what is
 * out of its bounds or does not fit together.
 */
export function changeScaleSettings(settings: ScaleSettings, changes: Partial<ScaleSettings>): ScaleSettings {
  const given = Object.entries(changes).filter(([name, value]) => name in settings && value !== undefined);
  const changed: ScaleSettings = { ...settings, ...Object.fromEntries(given) };
  if (changed.mode !== 'auto' && changed.mode !== 'manual') {
    throw new RangeError(`mode is ${String(changed.mode)}, not auto or manual`);
  }
  for (const [name, { min, max }] of Object.entries(scaleBounds)) {
    const value = changed[name as keyof typeof scaleBounds];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`${name} is ${value}, not an integer from ${min} to ${max}`);
    }
  }
  for (const name of ['minReplicas', 'freeReplicas'] as const) {
    if (changed[name] > changed.maxReplicas) {
      throw new RangeError(`${name} (${changed[name]}) is greater than maxReplicas (${changed.maxReplicas})`);
    }
  }
  return Object.freeze(changed);
}
