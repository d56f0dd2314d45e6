import { describe, expect, it } from 'vitest';
import { contentOfStream, parseContent, shortId, shortIdsIn } from './content.ts';

const id = '0123456789abcdef0123456789ABCDEF01234567';

describe('what somebody pastes', () => {
  it.each([id, ` ${id}\n`, `acestream://${id}`, `ace:${id}`, `ACESTREAM://${id}`])('%j is a content id', (text) => {
    expect(parseContent(text)).toEqual({ parameter: 'id', value: id.toLowerCase() });
  });

  it.each([
    `http://127.0.0.1:6878/ace/getstream?id=${id}`,
    `https://tv.example/base/ace/manifest.m3u8?content_id=${id}&pid=3`,
  ])('%j is the content id in it', (text) => {
    expect(parseContent(text)).toEqual({ parameter: 'id', value: id.toLowerCase() });
  });

  it.each([`infohash:${id}`, `http://engine:6878/ace/getstream?infohash=${id}`])('%j is an infohash', (text) => {
    expect(parseContent(text)).toEqual({ parameter: 'infohash', value: id.toLowerCase() });
  });

  it('takes magnet links and transport files as they are', () => {
    expect(parseContent('magnet:?xt=urn:btih:abc')).toEqual({ parameter: 'magnet', value: 'magnet:?xt=urn:btih:abc' });
    expect(parseContent('http://x.example/a.acelive')).toEqual({
      parameter: 'url',
      value: 'http://x.example/a.acelive',
    });
  });

  it.each(['', 'hello', id.slice(1), 'javascript:alert(1)', 'file:///etc/passwd'])('refuses %j', (text) => {
    expect(parseContent(text)).toBeUndefined();
  });
});

it('names a stream by the parameter that plays it', () => {
  expect(contentOfStream('content_id', 'a').parameter).toBe('id');
  expect(contentOfStream('infohash', 'a').parameter).toBe('infohash');
});

it('shortens long ids only', () => {
  expect(shortId(id)).toBe('012345…234567');
  expect(shortId('short')).toBe('short');
  expect(shortIdsIn(`Stream ${id} started.`)).toBe('Stream 012345…234567 started.');
});
