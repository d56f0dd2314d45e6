import { expect, test } from 'vitest';
import { type Setting, settings } from '../../apps/server/src/config/config.ts';
import { readPage, tableRows } from '../src/markdown.ts';

const page = readPage('docs/configuration.md');

test('the table of settings is that of the server', () => {
  const rows = Object.values<Setting<unknown>>(settings).map(({ name, text, type, default: value }) => {
    const shown = value === undefined ? '' : type.format(value);
    return [name, text, type.shape, shown === '' ? 'none' : shown];
  });
  expect(tableRows(page)).toEqual(rows);
});

test('settings that the text speaks of exist', () => {
  const names = new Set(Object.values<Setting<unknown>>(settings).map(({ name }) => name));
  const spoken = [...page.matchAll(/`([A-Z][A-Z_]+)`/g)].map(([, name = '']) => name);
  expect(spoken.filter((name) => !names.has(name))).toEqual([]);
});
