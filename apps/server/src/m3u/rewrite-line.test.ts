import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rewriteLine } from './rewrite-line.ts';

const id = 'a1B2'.repeat(10);
const target = { base: 'https://tv.example.org/tv' };
const ours = `${target.base}/ace/getstream`;

describe('a link to an engine', () => {
  it.each([
    [`acestream://${id}`, `${ours}?id=${id}`],
    [`ACESTREAM://${id}`, `${ours}?id=${id}`],
    [`acestream:${id}`, `${ours}?id=${id}`],
    [`ace://${id}`, `${ours}?id=${id}`],
    [`acestream://${id}/`, `${ours}?id=${id}`],
    [`acestream://${id}?name=One`, `${ours}?id=${id}`],
    [`acestream:?infohash=${id}`, `${ours}?infohash=${id}`],
    [`acestream://?content_id=${id}&file_index=2`, `${ours}?content_id=${id}&file_index=2`],
    [`magnet:?xt=urn:btih:${id}&dn=x`, `${ours}?magnet=magnet%3A%3Fxt%3Durn%3Abtih%3A${id}%26dn%3Dx`],
    [`http://127.0.0.1:6878/ace/getstream?id=${id}`, `${ours}?id=${id}`],
    [`http://localhost:6878/ace/getstream?id=${id}&.mp4`, `${ours}?id=${id}&.mp4`],
    [`http://[::1]:6878/ace/getstream?infohash=${id}&pid=7&file_index=1`, `${ours}?infohash=${id}&file_index=1`],
    [`http://192.168.1.5:6878/ace/manifest.m3u8?id=${id}`, `${target.base}/ace/manifest.m3u8?id=${id}`],
    [`HTTP://ENGINE:6878/ACE/GETSTREAM?ID=${id}`, `${ours}?ID=${id}`],
    [`http://e:6878/ace/getstream?url=http%3A%2F%2Fh%2Fa.acelive`, `${ours}?url=http%3A%2F%2Fh%2Fa.acelive`],
    [`https://old.example.org/proxy/ace/getstream?id=${id}&token=old`, `${ours}?id=${id}`],
    [`  acestream://${id}\t`, `  ${ours}?id=${id}\t`],
    [`acestream://${id}|User-Agent=VLC`, `${ours}?id=${id}|User-Agent=VLC`],
    [`\xef\xbb\xbfacestream://${id}`, `\xef\xbb\xbf${ours}?id=${id}`],
  ])('%s leads here', (line, rewritten) => {
    expect(rewriteLine(line, target)).toBe(rewritten);
    expect(rewriteLine(rewritten, target)).toBe(rewritten);
  });

  it('gets the token that players need, and keeps no other', () => {
    const withToken = { ...target, token: 'a b&c' };
    expect(rewriteLine(`acestream://${id}`, withToken)).toBe(`${ours}?id=${id}&token=a%20b%26c`);
    expect(rewriteLine(`http://e/ace/getstream?token=x&id=${id}`, withToken)).toBe(`${ours}?id=${id}&token=a%20b%26c`);
  });
});

describe('any other line', () => {
  it.each([
    '#EXTM3U url-tvg="http://127.0.0.1:6878/ace/getstream?id=x"',
    `#EXTINF:-1 tvg-logo="http://h/x.png" group-title="acestream://${id}",One = Two`,
    `#acestream://${id}`,
    'http://example.org/live.ts',
    'http://127.0.0.1:6878/ace/getstream',
    'http://127.0.0.1:6878/ace/getstream?format=ts',
    `http://127.0.0.1:6878/server/api?id=${id}`,
    `http://h/x?u=http://127.0.0.1:6878/ace/getstream?id=${id}`,
    'acestream://too-short',
    `plugin://player/?url=acestream://${id}`,
    '',
    '  ',
  ])('%s stays', (line) => {
    expect(rewriteLine(line, target)).toBe(line);
  });

  it('stays whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/acestream:|ace:|magnet:|\/ace\//i.test(text));
        expect(rewriteLine(text, target)).toBe(text);
      }),
    );
  });
});
