import { expect, it } from 'vitest';
import type { Column } from './column.ts';
import { sortRows } from './sort-rows.ts';

interface Row {
  readonly name: string;
  readonly viewers: number;
}

const columns: readonly Column<Row>[] = [
  { id: 'name', header: 'Name', width: '1fr', sort: ({ name }) => name, cell: ({ name }) => name },
  { id: 'viewers', header: 'Viewers', width: '1fr', sort: ({ viewers }) => viewers, cell: ({ viewers }) => viewers },
  { id: 'plain', header: 'Plain', width: '1fr', cell: () => '' },
];
const rows: readonly Row[] = [
  { name: 'engine-10', viewers: 3 },
  { name: 'engine-2', viewers: 7 },
  { name: 'engine-1', viewers: 0 },
];
const names = (column: string, reversed = false): string[] =>
  sortRows(rows, columns, { column, reversed }).map(({ name }) => name);

it('sorts texts as people number them, numbers largest first, and both the other way round', () => {
  expect(names('name')).toEqual(['engine-1', 'engine-2', 'engine-10']);
  expect(names('name', true)).toEqual(['engine-10', 'engine-2', 'engine-1']);
  expect(names('viewers')).toEqual(['engine-2', 'engine-10', 'engine-1']);
  expect(names('viewers', true)).toEqual(['engine-1', 'engine-10', 'engine-2']);
});

it('leaves rows as they are without a column that has an order', () => {
  expect(names('plain')).toEqual(rows.map(({ name }) => name));
  expect(sortRows(rows, columns, undefined)).toBe(rows);
});
