import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { SETTING_BOUNDS } from '../src/settings.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');

/** The first table below a line that begins like this, a row at a time. */
function tableBelow(start: string): string[][] {
  const lines = readme.split('\n');
  const below = lines.slice(lines.findIndex((line) => line.startsWith(start)) + 1);
  const first = below.findIndex((line) => line.startsWith('|'));
  const end = below.findIndex((line, index) => index > first && !line.startsWith('|'));
  const rows = below.slice(first + 2, end);
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** `ring.maxBytes`, and of `client.keepAliveMs`, `.keepAliveMaxMs` both, in full. */
function namesOf(cell: string): string[] {
  const [first = '', ...others] = [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name);
  const group = first.split('.', 1)[0]!;
  return [first, ...others.map((name) => (name.startsWith('.') ? group + name : name))];
}

/** `10 000`, `32 MiB`, `24 h`, `500 ms`: a number of milliseconds or bytes. */
function numberOf(text: string): number {
  const [, digits = '', unit = ''] = /^([\d ]+?) ?(KiB|MiB|GiB|ms|s|h)?$/.exec(text.trim()) ?? [];
  const factors: Record<string, number> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, s: 1_000, h: 3_600_000 };
  return Number(digits.replaceAll(' ', '')) * (factors[unit] ?? 1);
}

/** Fields of an interface, in order. */
function fieldsOf(path: string, name: string): string[] {
  const body = read(path).split(`export interface ${name} `)[1]!.split('\n}')[0]!;
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, field = '']) => field);
}

const settings = Object.entries(SETTING_BOUNDS).flatMap(([group, bounds]) =>
  Object.entries(bounds).map(([name, bound]) => ({ name: `${group}.${name}`, ...bound })),
);

it('the README has a row for every setting, and no other', () => {
  const named = tableBelow('## Options').flatMap(([cell = '']) => namesOf(cell));
  const others = ['outsideBytes', 'programNumber', 'on', 'clock'];
  expect(named.toSorted()).toEqual([...settings.map(({ name }) => name), ...others].toSorted());
});

it('the README has their defaults and bounds', () => {
  const rows = tableBelow('## Options').flatMap(([cell = '', values = '', bounds = '']) => {
    const names = namesOf(cell);
    return names.map((name, index) => ({
      name,
      value: values.split(',')[index],
      bounds: bounds.split(',')[index] ?? bounds,
    }));
  });
  for (const { name, default: value, min, max } of settings) {
    const row = rows.find((each) => each.name === name)!;
    // A default that depends on the machine has its rule in the text.
    if (name !== 'limits.memoryBytes') expect([name, numberOf(row.value ?? '')]).toEqual([name, value]);
    if (row.bounds.includes('–')) expect([name, ...row.bounds.split('–').map(numberOf)]).toEqual([name, min, max]);
    else expect([name, numberOf(row.bounds.replace('≥', ''))]).toEqual([name, min]);
  }
});

it('the README names every hook, every field of an opener’s context, and every option of httpSource', () => {
  const on = tableBelow('## Options').find(([cell]) => cell === '`on`')!;
  const hooks = [...on[3]!.matchAll(/`(\w+)`/g)].map(([, name]) => name);
  expect(hooks).toEqual(fieldsOf('../src/contract.ts', 'ProxyHooks'));
  const context = tableBelow('`open(key, context)`').map(([cell = '']) => /^`(\w+)/.exec(cell)?.[1]);
  expect(context).toEqual(fieldsOf('../src/contract.ts', 'OpenContext'));
  expect(tableBelow('`httpSource(url').map(([cell = '']) => cell.replaceAll('`', ''))).toEqual(
    fieldsOf('../src/http-source.ts', 'HttpSourceOptions'),
  );
});

it('the README has every error code, and every reason of a source’s end', () => {
  const codes = [...read('../src/errors.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(10);
  const section = readme.slice(readme.indexOf('\n## Errors'), readme.indexOf('\n## Testing'));
  expect(codes.filter((code) => !section.includes(`\`${code}\``))).toEqual([]);
});
