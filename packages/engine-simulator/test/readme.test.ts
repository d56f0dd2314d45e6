import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { resolveOptions } from '../src/engine/engine-options.ts';
import { FAULT_NAMES, FAULT_TABLE } from '../src/index.ts';
import { packageFile } from '../src/package-file.ts';
import { FAULT_ROWS } from './fault-table-rows.ts';

const readme = readFileSync(packageFile('README.md'), 'utf8');

test('the README’s table of faults is that of the code', () => {
  // The formatter pads cells.
  const rows = readme
    .split('\n')
    .filter((line) => /^\| +\d+ \|/.test(line))
    .map((line) => line.replaceAll(/ +/g, ' '));
  expect(rows).toEqual(FAULT_ROWS);
});

test('faults are numbered from 1 on', () => {
  expect(FAULT_NAMES.map((name) => FAULT_TABLE[name].number)).toEqual(FAULT_NAMES.map((_name, index) => index + 1));
});

test('the README’s table of options has every option', () => {
  const table = readme.slice(readme.indexOf('## Options'), readme.indexOf('## Testing tools'));
  const named = [...table.matchAll(/^\| (`[^|]*`) +\|/gm)].flatMap((row) =>
    [...row[1]!.matchAll(/`(\w+)`/g)].map((name) => name[1]!),
  );
  expect(named.toSorted()).toEqual(Object.keys(resolveOptions({})).toSorted());
});
