/** A value at a time; null where there is none, which leaves a gap in the line. */
export interface Point {
  /** Unix milliseconds. */
  readonly at: number;
  readonly value: number | null;
}

export interface Scale {
  x(at: number): number;
  y(value: number): number;
}

/** The `d` of an SVG path along the points. */
export function linePath(points: readonly Point[], scale: Scale): string {
  return runs(points)
    .map((run) => `M${run.map(({ at, value }) => place(scale.x(at), scale.y(value))).join('L')}`)
    .join('');
}

/** The `d` of the area between the points and `baseline` (in pixels). */
export function areaPath(points: readonly Point[], scale: Scale, baseline: number): string {
  return runs(points)
    .map((run) => {
      const first = place(scale.x(run[0]!.at), baseline);
      const last = place(scale.x(run.at(-1)!.at), baseline);
      return `M${first}L${run.map(({ at, value }) => place(scale.x(at), scale.y(value))).join('L')}L${last}Z`;
    })
    .join('');
}

/** The point nearest to `at` that has a value. */
export function nearestPoint(points: readonly Point[], at: number): Point | undefined {
  let best: Point | undefined;
  for (const point of points) {
    if (point.value === null) continue;
    if (best === undefined || Math.abs(point.at - at) < Math.abs(best.at - at)) best = point;
  }
  return best;
}

interface Known {
  readonly at: number;
  readonly value: number;
}

function runs(points: readonly Point[]): Known[][] {
  const all: Known[][] = [];
  let open: Known[] | undefined;
  for (const { at, value } of points) {
    if (value === null) {
      open = undefined;
    } else if (open === undefined) {
      open = [{ at, value }];
      all.push(open);
    } else {
      open.push({ at, value });
    }
  }
  return all;
}

function place(x: number, y: number): string {
  return `${x.toFixed(1)},${y.toFixed(1)}`;
}
