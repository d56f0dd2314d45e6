import type { Column } from './column.ts';

/** By which column rows are in order; numbers largest first, and texts as people number them, unless it is reversed. */
export interface Sorting {
  readonly column: string;
  readonly reversed: boolean;
}

/** In the order of `sorting`; as they are without one. */
export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sorting: Sorting | undefined,
): readonly Row[] {
  const figureOf = columns.find(({ id }) => id === sorting?.column)?.sort;
  if (figureOf === undefined) return rows;
  const direction = sorting?.reversed ? -1 : 1;
  return rows.toSorted((one, other) => direction * compare(figureOf(one), figureOf(other)));
}

const byText = new Intl.Collator('en', { numeric: true });

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return other - one;
  return byText.compare(String(one), String(other));
}
