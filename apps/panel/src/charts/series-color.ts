/** The colour of a chart's n-th line. */
export function seriesColor(index: number): string {
  return `var(--color-series-${(index % 4) + 1})`;
}
