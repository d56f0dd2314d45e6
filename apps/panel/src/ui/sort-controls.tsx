import { clsx } from 'clsx';
import { ArrowDown, ArrowUp } from 'lucide-react';
import { Button } from './button.tsx';
import type { Column } from './column.ts';
import { Select } from './field.tsx';
import type { Sorting } from './sort-rows.ts';

interface HeaderCellProps<Row> {
  readonly column: Column<Row>;
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting) => void;
}

/** Hides what a table has no room for. */
export const roomClass = { some: 'sm:@max-[56rem]:hidden', much: 'sm:@max-[70rem]:hidden' } as const;

/** The head of a column; sorts by it, where that can be. */
export function HeaderCell<Row>({ column: { id, header, align, room, sort }, sorting, onSort }: HeaderCellProps<Row>) {
  const look = clsx(
    'flex min-w-0 items-center gap-1 py-2 text-xs font-medium text-muted',
    align === 'right' && 'justify-end',
    room && roomClass[room],
  );
  const isSorted = sorting?.column === id;
  if (sort === undefined) {
    return (
      <div role="columnheader" className={look}>
        <span className={clsx('truncate', header.startsWith('(') && 'sr-only')}>{header}</span>
      </div>
    );
  }
  const Arrow = sorting?.reversed ? ArrowUp : ArrowDown;
  return (
    <div
      role="columnheader"
      aria-sort={isSorted ? (sorting.reversed ? 'ascending' : 'descending') : 'none'}
      className={clsx('flex min-w-0', align === 'right' && 'justify-end', room && roomClass[room])}
    >
      {/* On a phone nobody would see the button. */}
      <span className="sm:hidden">{header}</span>
      <button
        type="button"
        onClick={() => onSort({ column: id, reversed: isSorted && !sorting.reversed })}
        className={clsx(look, 'hover:text-text max-sm:hidden', isSorted && 'text-text')}
      >
        <span className="truncate">{header}</span>
        {isSorted && <Arrow className="size-3 shrink-0" aria-hidden="true" />}
      </button>
    </div>
  );
}

export interface SortSelectProps<Row> {
  readonly columns: readonly Column<Row>[];
  readonly sorting: Sorting | undefined;
  readonly onSort: (sorting: Sorting) => void;
}

/** What the heads of columns are on a wide screen: by what rows are sorted, and which way. */
export function SortSelect<Row>({ columns, sorting, onSort }: SortSelectProps<Row>) {
  const sortable = columns.filter(({ sort }) => sort !== undefined);
  const reversed = sorting?.reversed ?? false;
  const column = sorting?.column ?? sortable[0]?.id ?? '';
  const Arrow = reversed ? ArrowUp : ArrowDown;
  return (
    <>
      <Select
        className="h-8 min-w-0 flex-1 text-sm"
        aria-label="Sort by"
        value={column}
        onValue={(next) => onSort({ column: next, reversed: false })}
        options={sortable.map(({ id, header }) => [id, `By ${header.toLowerCase()}`] as const)}
      />
      <Button
        size="iconSm"
        aria-label="Reverse the order"
        aria-pressed={reversed}
        onClick={() => onSort({ column, reversed: !reversed })}
      >
        <Arrow />
      </Button>
    </>
  );
}
