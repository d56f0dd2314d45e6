import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseRange, sliceViews } from './byte-range.ts';

test.each([
  ['bytes=0-', { start: 0, end: 100 }],
  ['bytes=10-19', { start: 10, end: 20 }],
  ['bytes=-5', { start: 95, end: 100 }],
  ['bytes=-500', { start: 0, end: 100 }],
  ['bytes=90-1000', { start: 90, end: 100 }],
  ['bytes=100-', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=9-3', undefined],
  ['bytes=0-1,5-6', undefined],
  ['bytes=-', undefined],
  ['items=0-1', undefined],
  [undefined, undefined],
])('the range %s of 100 bytes', (header, range) => {
  expect(parseRange(header, 100)).toEqual(range);
});

test('a slice of views is the slice of their bytes, and shares their memory', () => {
  const views = fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(views, fc.nat(150), fc.nat(150), (data, a, b) => {
      const [start, end] = a < b ? [a, b] : [b, a];
      const slices = sliceViews(data, { start, end });
      expect(Buffer.concat(slices)).toEqual(Buffer.concat(data).subarray(start, end));
      for (const slice of slices) expect(data.some(({ buffer }) => buffer === slice.buffer)).toBe(true);
    }),
  );
});
