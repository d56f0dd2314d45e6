import { expect, it } from 'vitest';
import { normalUrl } from './normal-url.ts';

it.each([
  ['/', '/'],
  ['//', '/'],
  ['', '/'],
  ['/streams', '/streams'],
  ['/streams/', '/streams'],
  ['/streams//?a=b//', '/streams?a=b//'],
  ['//ace//getstream/?id=1', '/ace/getstream?id=1'],
  ['/?a', '/?a'],
  ['?a', '/?a'],
  ['http://tv.example.org:8000/ace/getstream?url=http://a/', '/ace/getstream?url=http://a/'],
  ['HTTPS://tv', '/'],
  ['http://tv?a', '/?a'],
  ['/panel', '/panel'],
  ['/panel/', '/panel/'],
  ['/tv//panel//', '/tv/panel/'],
  ['/panel/streams/', '/panel/streams'],
  ['/mypanel/', '/mypanel'],
  ['/streams/%2F/', '/streams/%2F'],
])('takes %s for %s', (target, url) => {
  expect(normalUrl(target)).toBe(url);
});
