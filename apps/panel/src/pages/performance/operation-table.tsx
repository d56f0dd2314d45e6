import type { OperationFigures } from '../../api/types.ts';
import { formatCount, formatPercent, unknown } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import type { Column } from '../../ui/column.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { operationTitle } from './operation-title.ts';

export type NamedFigures = OperationFigures & { readonly name: string };

const columns = (onChoose: (name: string) => void): readonly Column<NamedFigures>[] => [
  {
    id: 'name',
    header: 'Operation',
    width: 'minmax(0,2.2fr)',
    phone: 'title',
    sort: ({ name }) => name,
    cell: ({ name }) => (
      <>
        <button
          type="button"
          title="Show it over time"
          onClick={() => onChoose(name)}
          className="block max-w-full truncate font-medium hover:underline"
        >
          {operationTitle(name)}
        </button>
        <code className="block truncate font-mono text-2xs text-muted">{name}</code>
      </>
    ),
  },
  {
    id: 'count',
    header: 'Count',
    width: 'minmax(4rem,1fr)',
    align: 'right',
    phone: 'detail',
    sort: ({ count }) => count,
    cell: ({ count }) => (
      <>
        {formatCount(count)}
        <span className="sm:hidden"> times</span>
      </>
    ),
  },
  time('avg', 'Average', ({ avg_ms }) => avg_ms),
  time('p50', 'p50', ({ p50_ms }) => p50_ms, true),
  time('p95', 'p95', ({ p95_ms }) => p95_ms, true),
  time('p99', 'p99', ({ p99_ms }) => p99_ms, true),
  time('min', 'Min', ({ min_ms }) => min_ms),
  time('max', 'Max', ({ max_ms }) => max_ms),
  {
    id: 'success',
    header: 'Success',
    width: 'minmax(4.5rem,1fr)',
    align: 'right',
    phone: 'corner',
    sort: ({ success_rate }) => success_rate,
    cell: ({ count, success_rate }) => (
      <span className={count === 0 ? 'text-muted' : success_rate < 99 ? 'font-medium text-warn' : 'text-ok'}>
        {count === 0 ? unknown : formatPercent(success_rate)}
      </span>
    ),
  },
];

export interface OperationTableProps {
  readonly operations: readonly NamedFigures[];
  readonly onChoose: (name: string) => void;
}

/** Every operation, one a line. */
export function OperationTable({ operations, onChoose }: OperationTableProps) {
  return (
    <DataTable
      label="Operations"
      columns={columns(onChoose)}
      rows={operations}
      rowKey={({ name }) => name}
      sortBy="count"
    />
  );
}

function time(
  id: string,
  header: string,
  figureOf: (figures: NamedFigures) => number,
  onPhone = false,
): Column<NamedFigures> {
  return {
    id,
    header,
    width: 'minmax(4.5rem,1fr)',
    align: 'right',
    ...(onPhone ? { phone: 'detail' as const } : { room: 'some' as const }),
    sort: figureOf,
    cell: (figures) => (
      <>
        {onPhone && <span className="sm:hidden">{header} </span>}
        {figures.count === 0 ? unknown : formatDuration(figureOf(figures))}
      </>
    ),
  };
}
