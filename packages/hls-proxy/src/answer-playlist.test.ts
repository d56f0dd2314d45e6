import { expect, test } from 'vitest';
import { acceptsGzip } from './answer-playlist.ts';

test.each([
  ['gzip, deflate, br', true],
  ['GZIP;q=0.5', true],
  ['br, *', true],
  ['identity', false],
  ['', false],
  ['gzip;q=0', false],
  ['*;q=0', false],
  ['*, gzip;q=0.0', false],
])('Accept-Encoding %j allows gzip: %s', (header, allowed) => {
  expect(acceptsGzip(header)).toBe(allowed);
});
