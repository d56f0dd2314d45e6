import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { decimals, printTable } from './table.ts';

/**
 * Compares two `--json` files of the same scenarios: how many times the naive pipe's CPU our server takes for a byte,
 * before and after. Machines differ between runs; the pipe measured in the same minutes takes that out.
 */
interface Measured {
  readonly scenario: string;
  readonly server: string;
  readonly clients: number;
  readonly streams: number;
  readonly serverCpuSeconds: number;
  readonly load: { readonly bytes: number };
}

interface Comparison {
  readonly what: string;
  readonly before: number;
  readonly after: number;
}

const USAGE = 'Usage: pnpm bench:compare <before.json> <after.json> [--most 1.15]';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { most: { type: 'string', default: '1.15' } },
});
const [before, after] = positionals;
if (before === undefined || after === undefined) {
  console.error(USAGE);
  process.exit(2);
}

const most = Number(values.most);
const was = ratios(await read(before));
const is = ratios(await read(after));
const rows: Comparison[] = [...is].flatMap(([what, ratio]) => {
  const earlier = was.get(what);
  return earlier === undefined ? [] : [{ what, before: earlier, after: ratio }];
});
printTable(
  'CPU for a byte, as a multiple of the naive pipe',
  [
    { heading: 'scenario', text: ({ what }) => what },
    { heading: 'before', text: (row) => decimals(row.before, 2) },
    { heading: 'after', text: (row) => decimals(row.after, 2) },
    { heading: 'change', text: (row) => `×${decimals(row.after / row.before, 2)}` },
  ],
  rows,
);
if (rows.length === 0) {
  console.log('FAILED  the two files have no scenario in common that ran beside the pipe');
  process.exitCode = 1;
}
for (const row of rows.filter((each) => each.after > each.before * most)) {
  console.log(`FAILED  ${row.what} takes ${decimals(row.after / row.before, 2)} times as much, more than ${most}`);
  process.exitCode = 1;
}

async function read(file: string): Promise<readonly Measured[]> {
  return JSON.parse(await readFile(file, 'utf8')) as readonly Measured[];
}

/** The median of a scenario's rounds, ours over the pipe's. */
function ratios(measured: readonly Measured[]): ReadonlyMap<string, number> {
  const paced = measured.filter(({ load }) => load !== undefined);
  const names = new Set(paced.map(({ scenario, clients, streams }) => `${scenario} ${streams} × ${clients}`));
  const result = new Map<string, number>();
  for (const name of names) {
    const ours = medianCpu(paced, name, 'ours');
    const pipe = medianCpu(paced, name, 'pipe');
    if (ours !== undefined && pipe !== undefined) result.set(name, ours / pipe);
  }
  return result;
}

function medianCpu(measured: readonly Measured[], name: string, server: string): number | undefined {
  const costs = measured
    .filter((row) => row.server === server && `${row.scenario} ${row.streams} × ${row.clients}` === name)
    .map((row) => row.serverCpuSeconds / row.load.bytes)
    .sort((a, b) => a - b);
  return costs[costs.length >> 1];
}
