import { expect, it } from 'vitest';
import { playlistOf, playUrl } from './play-urls.ts';

const content = { parameter: 'magnet', value: 'magnet:?xt=urn:btih:abc&dn=a b' } as const;

it('makes URLs below the base path, with the content escaped', () => {
  const url = new URL(playUrl(content, 'ts', 'https://tv.example/base/panel/#/streams'));
  expect(url.origin + url.pathname).toBe('https://tv.example/base/ace/getstream');
  expect(url.searchParams.get('magnet')).toBe(content.value);
  expect(playUrl({ parameter: 'id', value: 'a' }, 'hls', 'http://h/panel/')).toBe('http://h/ace/manifest.m3u8?id=a');
});

it('writes a playlist that a title cannot break', () => {
  expect(playlistOf('a=b\nhttp://evil', 'http://h/x')).toBe('#EXTM3U\n#EXTINF:-1,a b http://evil\nhttp://h/x\n');
});
