import type { ReactNode } from 'react';

/** A column of a {@link DataTable}. */
export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** A CSS grid track. */
  readonly width: string;
  readonly align?: 'right';
  /** Where it goes on a phone, which shows each row as two lines; left out without. */
  readonly phone?: 'title' | 'corner' | 'detail';
  /** Shown only in a table of 56rem, or of 70rem; what is without it fits a tablet. */
  readonly room?: 'some' | 'much';
  /** Makes the column sortable. Numbers are sorted largest first. */
  readonly sort?: (row: Row) => number | string;
  readonly cell: (row: Row) => ReactNode;
}
