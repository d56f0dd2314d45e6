import { expect, test } from 'vitest';
import { describeVersion } from './engine-version.ts';

test.each([
  ['3.1.70', 3017000],
  ['3.2.3', 3020300],
  ['3.2.11', 3021100],
])('version %s has the code %i', (version, code) => {
  expect(describeVersion(version).code).toBe(code);
});

test('engines up to 3.1 run Python 2.7 and have no websocket port', () => {
  expect(describeVersion('3.1.32')).toMatchObject({
    serverHeader: 'BaseHTTP/0.3 Python/2.7.13',
    hasWebsocketPort: false,
  });
  expect(describeVersion('3.2.3')).toMatchObject({ serverHeader: 'BaseHTTP/0.6 Python/3.10', hasWebsocketPort: true });
});

test('a version that is not three numbers is refused', () => {
  expect(() => describeVersion('latest')).toThrow(RangeError);
});
