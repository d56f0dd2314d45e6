import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseViewerLabel, viewerLabel } from './viewer.ts';

it('a viewer survives as a label, whatever its player calls itself', () => {
  const address = fc.constantFrom('127.0.0.1', '::1', '2001:db8::5', '');
  const userAgent = fc.option(fc.string({ maxLength: 300 }), { nil: undefined });
  fc.assert(
    fc.property(fc.record({ address, userAgent }), (viewer) => {
      expect(parseViewerLabel(viewerLabel(viewer))).toEqual(viewer);
    }),
  );
});

it('a very long User-Agent is cut', () => {
  expect(viewerLabel({ address: '::1', userAgent: 'x'.repeat(10_000) })).toHaveLength(304);
});
