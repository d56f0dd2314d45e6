import { expect, test } from 'vitest';
import { infohashOf } from '../channel.ts';
import { CHANNELS } from '../channels.ts';
import { resolveContent } from './resolve-content.ts';

const [first, second] = CHANNELS;
const resolve = (query: string): string => {
  const content = resolveContent(new URLSearchParams(query));
  return typeof content === 'string' ? content : content.infohash;
};

test('a content id leads to the sha1 of itself', () => {
  const id = 'ab'.repeat(20);
  expect(resolve(`content_id=${id}`)).toBe(infohashOf(id));
  expect(resolve(`id=${id.toUpperCase()}`)).toBe(infohashOf(id));
});

test('content id goes before infohash, infohash before url, url before magnet', () => {
  const magnet = `magnet=${encodeURIComponent(`magnet:?xt=urn:btih:${second!.infohash}&dn=x`)}`;
  expect(resolve(`infohash=${second!.infohash}&id=${first!.contentId}`)).toBe(first!.infohash);
  expect(resolve(`url=http://a/b.acelive&infohash=${second!.infohash}`)).toBe(second!.infohash);
  expect(resolve(`${magnet}&url=http://a/b.acelive`)).toBe(infohashOf('http://a/b.acelive'));
  expect(resolve(magnet)).toBe(second!.infohash);
});

test('an infohash of the catalogue sent as a content id fails to load', () => {
  expect(resolve(`id=${first!.infohash}`)).toBe('failed to load content');
});

test.each(['id=123', 'infohash=xyz', 'magnet=magnet:?dn=nothing'])('%s fails to load', (query) => {
  expect(resolve(query)).toBe('failed to load content');
});

test('a request that names nothing is told so', () => {
  expect(resolve('pid=1&id=')).toBe('missing content id');
});
