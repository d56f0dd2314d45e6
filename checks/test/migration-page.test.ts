import { expect, test } from 'vitest';
import { type Setting, settings } from '../../apps/server/src/config/config.ts';
import { earlierSettings } from '../../apps/server/src/config/earlier-settings.ts';
import { readPage, tableRows } from '../src/markdown.ts';

test('the tables of earlier settings are those of the server', () => {
  const rows = earlierSettings.map(({ name, becomes, note }) => [name, becomes ?? '–', note ?? '']);
  expect(tableRows(readPage('docs/guides/migration.md'))).toEqual(rows);
});

test('what earlier settings become exists', () => {
  const names = new Set(Object.values<Setting<unknown>>(settings).map(({ name }) => name));
  const targets = earlierSettings.flatMap(({ becomes }) => becomes ?? []);
  expect(targets.filter((name) => !names.has(name))).toEqual([]);
});

test('reasons name settings that exist', () => {
  const names = new Set(Object.values<Setting<unknown>>(settings).map(({ name }) => name));
  const spoken = earlierSettings.flatMap(({ note = '' }) => note.match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []);
  const earlier = new Set(earlierSettings.map(({ name }) => name));
  expect(spoken.filter((name) => !names.has(name) && !earlier.has(name))).toEqual([]);
});
