import { type PointerEvent, useId, useState } from 'react';
import { formatClock, formatShortClock } from '../format/time.ts';
import { ChartLegend, type Series } from './chart-legend.tsx';
import { areaPath, linePath, nearestPoint } from './path.ts';
import { seriesColor } from './series-color.ts';
import { decadeTicks, type ScaleKind, timeTicks, valueTicks } from './ticks.ts';
import { useWidth } from './use-width.ts';

export interface TimeChartProps {
  /** What it shows, for screen readers, and as a title where there is `titled`. */
  readonly label: string;
  readonly titled?: boolean;
  /** At most four. */
  readonly series: readonly Series[];
  /** A value with its unit. */
  readonly format: (value: number) => string;
  /** Of what unit the values are, so that marks are round in it. Default decimal. */
  readonly kind?: ScaleKind;
  readonly height?: number;
  /** The least that the upper end of the scale shows. */
  readonly atLeast?: number;
  /** Powers of ten instead of from zero, for values that are orders of magnitude apart. */
  readonly logarithmic?: boolean;
}

/** Of a time of day under the chart. */
const labelWidth = 50;

const margin = { top: 8, right: 10, bottom: 22, left: 74 };

/** Lines over time, from zero. The pointer shows the values at a time. */
export function TimeChart({
  label,
  titled = false,
  series,
  format,
  kind = 'decimal',
  height = 180,
  atLeast = 0,
  logarithmic = false,
}: TimeChartProps) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const [hoverAt, setHoverAt] = useState<number>();
  const clip = useId();
  const known = series.flatMap(({ points }) => points.filter(({ value }) => value !== null));
  const legend = <ChartLegend title={titled ? label : undefined} series={series} format={format} hoverAt={hoverAt} />;
  const from = Math.min(...known.map(({ at }) => at));
  const to = Math.max(...known.map(({ at }) => at));
  if (known.length === 0 || from === to) {
    return (
      <div ref={ref}>
        {legend}
        <p
          className="grid place-items-center rounded-lg border border-dashed border-line text-sm text-muted"
          style={{ height: height - 2 }}
        >
          Waiting for figures…
        </p>
      </div>
    );
  }
  const values = known.map(({ value }) => value ?? 0);
  const positive = values.filter((value) => value > 0);
  const isLog = logarithmic && positive.length > 0;
  const ticks = isLog
    ? decadeTicks(Math.min(...positive), Math.max(...positive))
    : valueTicks(Math.max(atLeast, ...values), 4, kind);
  const top = ticks.at(-1)!;
  const bottom = ticks[0]!;
  /** From 0 at the lower end to 1 at the upper one. */
  const share = (value: number): number =>
    isLog ? Math.max(0, Math.log(value / bottom) / Math.log(top / bottom)) : value / top;
  const inner = { width: Math.max(1, width - margin.left - margin.right), height: height - margin.top - margin.bottom };
  const scale = {
    x: (at: number) => margin.left + ((at - from) / Math.max(1, to - from)) * inner.width,
    y: (value: number) => margin.top + (1 - share(value)) * inner.height,
  };
  const times = timeTicks(
    from,
    to,
    Math.max(2, Math.floor(inner.width / 90)),
    -new Date(to).getTimezoneOffset() * 60_000,
  );
  const formatTime = to - from < 5 * 60_000 ? formatClock : formatShortClock;
  const move = (event: PointerEvent<SVGSVGElement>): void => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const at = from + ((x - margin.left) / inner.width) * (to - from);
    setHoverAt(nearestPoint(known, Math.min(to, Math.max(from, at)))?.at);
  };
  return (
    <div ref={ref} className="min-w-0">
      {legend}
      <svg
        role="img"
        aria-label={`${label}. ${series.map((each) => describe(each, format)).join('; ')}`}
        width={width}
        height={height}
        className="block touch-pan-y overflow-visible"
        onPointerMove={move}
        onPointerLeave={() => setHoverAt(undefined)}
      >
        <clipPath id={clip}>
          <rect x={margin.left} y={0} width={inner.width + margin.right} height={height} />
        </clipPath>
        {ticks.map((tick) => (
          <g key={tick}>
            <line
              x1={margin.left}
              x2={margin.left + inner.width}
              y1={scale.y(tick)}
              y2={scale.y(tick)}
              className="stroke-line"
              strokeDasharray={tick === bottom ? undefined : '2 4'}
            />
            <text
              x={margin.left - 8}
              y={scale.y(tick)}
              dy="0.32em"
              textAnchor="end"
              className="num fill-muted text-2xs"
            >
              {format(tick)}
            </text>
          </g>
        ))}
        {times.map((at) => (
          <text
            key={at}
            x={Math.min(scale.x(at), width - labelWidth / 2)}
            y={height - 5}
            textAnchor="middle"
            className="num fill-muted text-2xs"
          >
            {formatTime(at)}
          </text>
        ))}
        <g clipPath={`url(#${clip})`}>
          {series.map(({ name, points }, index) => (
            <g key={name}>
              {series.length <= 2 && !isLog && (
                <path d={areaPath(points, scale, scale.y(0))} fill={seriesColor(index)} opacity={0.1} />
              )}
              <path
                d={linePath(points, scale)}
                fill="none"
                stroke={seriesColor(index)}
                strokeWidth={1.75}
                strokeLinejoin="round"
              />
            </g>
          ))}
        </g>
        {hoverAt !== undefined && (
          <g>
            <line
              x1={scale.x(hoverAt)}
              x2={scale.x(hoverAt)}
              y1={margin.top}
              y2={margin.top + inner.height}
              className="stroke-line-strong"
            />
            {series.map(({ name, points }, index) => {
              const point = nearestPoint(points, hoverAt);
              if (point?.value === undefined || point.value === null) return null;
              return (
                <circle
                  key={name}
                  cx={scale.x(point.at)}
                  cy={scale.y(point.value)}
                  r={3.5}
                  fill={seriesColor(index)}
                  className="stroke-surface"
                  strokeWidth={1.5}
                />
              );
            })}
          </g>
        )}
      </svg>
    </div>
  );
}

function describe({ name, points }: Series, format: (value: number) => string): string {
  const values = points.flatMap(({ value }) => (value === null ? [] : [value]));
  const last = values.at(-1);
  if (last === undefined) return `${name}: nothing yet`;
  return `${name}: now ${format(last)}, between ${format(Math.min(...values))} and ${format(Math.max(...values))}`;
}
