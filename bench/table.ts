/** One column: its heading, and how a row fills it. */
export interface Column<Row> {
  readonly heading: string;
  readonly text: (row: Row) => string;
}

/** Prints rows under a title, the first column left-aligned, numbers right-aligned. */
export function printTable<Row>(title: string, columns: readonly Column<Row>[], rows: readonly Row[]): void {
  const lines = [columns.map(({ heading }) => heading), ...rows.map((row) => columns.map(({ text }) => text(row)))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]!.length)));
  console.log(`\n${title}`);
  for (const line of lines) {
    console.log(
      `  ${line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!))).join('  ')}`,
    );
  }
}

/** A number with some decimals, or a dash where there is none. */
export function decimals(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value) ? '–' : value.toFixed(digits);
}
