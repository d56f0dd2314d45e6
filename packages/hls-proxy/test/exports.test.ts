import { expect, it } from 'vitest';
import * as main from '../src/index.ts';
import * as testing from '../src/testing.ts';

function names(module: object): string[] {
  return Object.keys(module).sort();
}

it('the package exports exactly this', () => {
  expect({ main: names(main), testing: names(testing) }).toEqual({
    main: ['HlsProxy', 'HlsProxyError', 'fromPlaylist'],
    testing: ['fakeClock', 'fakeSegments'],
  });
});
