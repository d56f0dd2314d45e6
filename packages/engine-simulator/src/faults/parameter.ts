/** One parameter of a fault: its JSON type, default and bounds, and what it means. */
export interface ParameterSpec<T> {
  readonly type: 'integer' | 'number' | 'boolean' | 'string' | 'list';
  /** Used when the parameter is left out; `undefined` when leaving it out means something of its own. */
  readonly default: T;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The values allowed, for strings and for the items of a list. */
  readonly choices?: readonly string[];
  readonly text: string;
}

function typeMatches(spec: ParameterSpec<unknown>, value: unknown): boolean {
  switch (spec.type) {
    case 'integer':
      return Number.isSafeInteger(value);
    case 'number':
      return Number.isFinite(value);
    case 'list':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    default:
      return typeof value === spec.type;
  }
}

/** Throws `TypeError` for a value of another type, `RangeError` for one outside bounds or choices. */
export function checkParameter(label: string, spec: ParameterSpec<unknown>, value: unknown): void {
  const shown = JSON.stringify(value);
  if (!typeMatches(spec, value)) throw new TypeError(`${label} must be of type ${spec.type}, not ${shown}`);
  const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, choices } = spec;
  if (typeof value === 'number' && (value < minimum || value > maximum)) {
    const bounds = maximum === Number.POSITIVE_INFINITY ? `at least ${minimum}` : `between ${minimum} and ${maximum}`;
    throw new RangeError(`${label} must be ${bounds}, not ${shown}`);
  }
  const strings: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (choices && !strings.every((item) => typeof item === 'string' && choices.includes(item))) {
    throw new RangeError(
      `${label} must be ${spec.type === 'list' ? 'a list of' : 'one of'} ${choices.join(', ')}, not ${shown}`,
    );
  }
}
