import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { clsx } from 'clsx';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Column } from './column.ts';
import { AllCheckbox, RowCheckbox, type RowSelection } from './row-selection.tsx';
import { HeaderCell, roomClass, SortSelect } from './sort-controls.tsx';
import { type Sorting, sortRows } from './sort-rows.ts';

export interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string | number;
  readonly sortBy?: string;
  /** Lets rows be chosen. */
  readonly selection?: RowSelection<Row> | undefined;
  /** Called when the end comes near, to load more. */
  readonly onEnd?: () => void;
}

const phonePlace = {
  title: 'order-1 min-w-0 flex-1 basis-3/5',
  corner: 'order-1',
  detail: 'order-3 text-xs text-muted',
} as const;

/** A table of any length: only the rows in view exist. Two lines a row on a phone. */
export function DataTable<Row>({ label, columns, rows, rowKey, sortBy, selection, onEnd }: DataTableProps<Row>) {
  const [sorting, setSorting] = useState<Sorting | undefined>(
    sortBy === undefined ? undefined : { column: sortBy, reversed: false },
  );
  const sorted = useMemo(() => sortRows(rows, columns, sorting), [rows, columns, sorting]);
  const body = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    // What is above the table may grow and shrink.
    const measure = (): void => setOffset((body.current?.getBoundingClientRect().top ?? 0) + window.scrollY);
    const observer = new ResizeObserver(measure);
    observer.observe(document.body);
    measure();
    return () => observer.disconnect();
  }, []);
  const virtual = useWindowVirtualizer({
    count: sorted.length,
    estimateSize: () => 46,
    overscan: 12,
    scrollMargin: offset,
    getItemKey: (index) => rowKey(sorted[index]!),
    onChange: ({ range }) => {
      if (onEnd !== undefined && range !== null && range.endIndex >= sorted.length - 20) onEnd();
    },
  });
  const isSelectable = selection !== undefined;
  const template = {
    '--all-columns': tracks(columns, isSelectable),
    '--most-columns': tracks(
      columns.filter(({ room }) => room !== 'much'),
      isSelectable,
    ),
    '--few-columns': tracks(
      columns.filter(({ room }) => room === undefined),
      isSelectable,
    ),
  } as Record<string, string>;
  const allBox = selection && <AllCheckbox selection={selection} keys={rows.map(rowKey)} />;
  const isSortable = sorted.length > 1 && columns.filter(({ sort }) => sort !== undefined).length > 1;
  return (
    <div className="@container rounded-[inherit]">
      {(isSortable || selection !== undefined) && (
        <div className="flex items-center gap-4 border-b border-line px-4 py-2 sm:hidden">
          {allBox}
          {isSortable && <SortSelect columns={columns} sorting={sorting} onSort={setSorting} />}
        </div>
      )}
      <div
        role="table"
        aria-label={label}
        aria-rowcount={sorted.length + 1}
        style={template}
        className="min-w-0 overflow-clip rounded-[inherit]"
      >
        <div role="rowgroup" className="border-b border-line max-sm:sr-only">
          <div
            role="row"
            aria-rowindex={1}
            className="grid grid-cols-(--few-columns) gap-x-4 px-4 @min-[56rem]:grid-cols-(--most-columns) @min-[70rem]:grid-cols-(--all-columns)"
          >
            {selection !== undefined && (
              <div role="columnheader" className="flex items-center">
                <span className="sm:hidden">Selected</span>
                <span className="max-sm:hidden">{allBox}</span>
              </div>
            )}
            {columns.map((column) => (
              <HeaderCell key={column.id} column={column} sorting={sorting} onSort={setSorting} />
            ))}
          </div>
        </div>
        <div ref={body} role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map((item) => {
            const row = sorted[item.index]!;
            return (
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                data-index={item.index}
                ref={virtual.measureElement}
                style={{ transform: `translateY(${item.start - offset}px)` }}
                className="absolute inset-x-0 flex flex-wrap items-center gap-x-4 gap-y-0.5 border-b border-line/70 px-4 py-2 last:border-b-0 hover:bg-hover sm:grid sm:min-h-11.5 sm:grid-cols-(--few-columns) sm:@min-[56rem]:grid-cols-(--most-columns) sm:@min-[70rem]:grid-cols-(--all-columns)"
              >
                {selection !== undefined && (
                  <div role="cell" className="order-1 sm:order-none">
                    <RowCheckbox selection={selection} row={row} rowKey={rowKey(row)} />
                  </div>
                )}
                {/* On a phone the details begin a line of their own. */}
                <span role="presentation" className="order-2 h-0 basis-full sm:hidden" />
                {columns.map(({ id, align, phone, room, cell }) => (
                  <div
                    key={id}
                    role="cell"
                    className={clsx(
                      'min-w-0 sm:order-none sm:text-base sm:text-text',
                      align === 'right' && 'num sm:text-right',
                      room && roomClass[room],
                      phone === undefined ? 'max-sm:sr-only' : phonePlace[phone],
                    )}
                  >
                    {cell(row)}
                  </div>
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** A track for each column, after one for the boxes. */
function tracks(columns: readonly { readonly width: string }[], isSelectable: boolean): string {
  return [...(isSelectable ? ['1rem'] : []), ...columns.map(({ width }) => width)].join(' ');
}
