import { expect, it } from 'vitest';
import { areaPath, linePath, nearestPoint, type Point } from './path.ts';

const scale = { x: (at: number) => at, y: (value: number) => 10 - value };
const points: Point[] = [
  { at: 0, value: 1 },
  { at: 1, value: 2 },
  { at: 2, value: null },
  { at: 3, value: 4 },
];

it('leaves a gap where there is no value', () => {
  expect(linePath(points, scale)).toBe('M0.0,9.0L1.0,8.0M3.0,6.0');
  expect(areaPath(points, scale, 10)).toBe('M0.0,10.0L0.0,9.0L1.0,8.0L1.0,10.0ZM3.0,10.0L3.0,6.0L3.0,10.0Z');
});

it('finds the nearest point that has a value', () => {
  expect(nearestPoint(points, 2.2)?.at).toBe(3);
  expect(nearestPoint(points, -5)?.at).toBe(0);
  expect(nearestPoint([], 1)).toBeUndefined();
});
