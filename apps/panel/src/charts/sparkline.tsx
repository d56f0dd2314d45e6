import { areaPath, linePath, type Point } from './path.ts';

export interface SparklineProps {
  readonly points: readonly Point[];
  readonly width?: number;
  readonly height?: number;
}

/** A line without axes that shows how something went lately; the figure itself stands beside it. */
export function Sparkline({ points: all, width = 96, height = 26 }: SparklineProps) {
  // More points than this cannot be seen, and a list has many lines.
  const points = all.slice(-60);
  const known = points.flatMap(({ value }) => (value === null ? [] : [value]));
  if (known.length < 2) return <svg width={width} height={height} aria-hidden="true" />;
  const from = points[0]!.at;
  const span = Math.max(1, points.at(-1)!.at - from);
  const top = Math.max(...known, 1e-9) * 1.15;
  const scale = {
    x: (at: number) => ((at - from) / span) * width,
    y: (value: number) => height - 1.5 - (value / top) * (height - 3),
  };
  return (
    <svg width={width} height={height} aria-hidden="true" className="block text-accent">
      <path d={areaPath(points, scale, height)} fill="currentColor" opacity={0.12} />
      <path d={linePath(points, scale)} fill="none" stroke="currentColor" strokeWidth={1.5} strokeLinejoin="round" />
    </svg>
  );
}
