import { unknown } from '../format/number.ts';
import { formatClock } from '../format/time.ts';
import { nearestPoint, type Point } from './path.ts';
import { seriesColor } from './series-color.ts';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartLegendProps {
  readonly title: string | undefined;
  readonly series: readonly Series[];
  readonly format: (value: number) => string;
  /** Where the pointer is; the newest values are shown without one. */
  readonly hoverAt: number | undefined;
}

/** What each line is, and its value now or under the pointer. A single line that has a title needs no name. */
export function ChartLegend({ title, series, format, hoverAt }: ChartLegendProps) {
  return (
    // The picture beneath it says the same to screen readers.
    <div aria-hidden="true" className="mb-1.5 flex flex-wrap items-baseline gap-x-4 gap-y-0.5 text-xs text-muted">
      {title !== undefined && <span className="text-sm font-medium text-text">{title}</span>}
      <ul className="flex flex-1 flex-wrap gap-x-4 gap-y-0.5">
        {series.map(({ name, points }, index) => {
          const point =
            hoverAt === undefined ? points.findLast(({ value }) => value !== null) : nearestPoint(points, hoverAt);
          return (
            <li key={name} className="flex items-center gap-1.5">
              <span className="h-0.5 w-3 rounded-full" style={{ background: seriesColor(index) }} aria-hidden="true" />
              {(title === undefined || series.length > 1) && name}
              <span className="num font-medium text-text">
                {point?.value === undefined || point.value === null ? unknown : format(point.value)}
              </span>
            </li>
          );
        })}
      </ul>
      {hoverAt !== undefined && <span className="num">{formatClock(hoverAt)}</span>}
    </div>
  );
}
