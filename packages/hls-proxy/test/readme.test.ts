import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { HlsProxyError, type HlsProxyErrorCode } from '../src/index.ts';
import { SETTING_BOUNDS } from '../src/settings.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const readme = read('../README.md');

/** The cells of the table rows whose first cell is code. */
function rowsOf(heading: string, table = 0): string[][] {
  const section = readme.split(`\n${heading}\n`)[1]!.split(/\n##+ /)[0]!;
  const tables = section.split(/\n\n/).filter((block) => block.startsWith('|'));
  return tables[table]!.split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

function namesOf(rows: string[][]): string[] {
  return rows.map(([name = '']) => name.replaceAll('`', ''));
}

/** Fields of an interface, in order. */
function fieldsOf(path: string, name: string): string[] {
  const body = read(path).split(`export interface ${name} `)[1]!.split('\n}')[0]!;
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??[:(]/gm)].map(([, field = '']) => field);
}

test('every setting has a row with its default, and no other', () => {
  const settings = Object.entries(SETTING_BOUNDS).flatMap(([group, bounds]) =>
    Object.entries(bounds).map(([name, bound]) => [`${group}.${name}`, bound.default] as const),
  );
  const rows = rowsOf('## Options');
  expect(namesOf(rows)).toEqual([...settings.map(([name]) => name), 'lowLatency', 'keyOf', 'on', 'clock']);
  for (const [name, value] of settings) {
    const [, said = ''] = rows.find(([cell]) => cell === `\`${name}\``)!;
    const [number = '', unit] = said.replace(/(?<=\d) (?=\d)/g, '').split(' ');
    expect([name, Number(number) * (unit === 'MiB' ? 2 ** 20 : unit === 'GiB' ? 2 ** 30 : 1)]).toEqual([name, value]);
  }
});

test('every hook has a row, and no other', () => {
  expect(namesOf(rowsOf('## Options', 1))).toEqual(fieldsOf('../src/contract.ts', 'HlsProxyHooks'));
});

test('every option of fromPlaylist has a row, and no other', () => {
  const rows = namesOf(rowsOf("### Another server's playlist"));
  expect(rows).toEqual(fieldsOf('../src/upstream/from-playlist.ts', 'FromPlaylistOptions'));
});

test('every error has a row with its status, and no other', () => {
  const codes = [
    ...read('../src/errors.ts')
      .split('STATUS')[0]!
      .matchAll(/\| '(\w+)'/g),
  ].map(([, code = '']) => code);
  const rows = rowsOf('## Errors');
  expect(namesOf(rows)).toEqual(codes);
  for (const [code = '', status] of rows) {
    expect(`${new HlsProxyError(code.replaceAll('`', '') as HlsProxyErrorCode, '').status}`).toBe(status);
  }
});
