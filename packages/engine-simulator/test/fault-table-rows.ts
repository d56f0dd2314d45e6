import { FAULT_NAMES, FAULT_TABLE, type FaultName, type ParameterSpec } from '../src/index.ts';

const SHOWS = { ts: 'MPEG-TS', hls: 'HLS', both: 'both', api: 'API' } as const;

function describeParameter(name: string, spec: ParameterSpec<unknown>): string {
  return `\`${name}\` = \`${JSON.stringify(spec.default)}\`: ${spec.text}`;
}

function describeFault(name: FaultName): string {
  const { number, shows, scope, text, parameters, scopeDefaults } = FAULT_TABLE[name];
  const specs: [string, ParameterSpec<unknown>][] = Object.entries(parameters);
  const own = specs.map(([key, spec]) => describeParameter(key, spec));
  const shared = Object.entries(scopeDefaults ?? {}).map(([key, value]) => `\`${key}\` = \`${value}\``);
  return `| ${number} | \`${name}\` | ${scope} | ${SHOWS[shows]} | ${text} | ${[...own, ...shared].join('; ') || '–'} |`;
}

/** The rows of the README's table of faults. */
export const FAULT_ROWS: readonly string[] = FAULT_NAMES.map(describeFault);
