import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ContentQuery, contentKey, parseContentRef } from './content-ref.ts';

const hex = '94c2fd8fb9bc8f2fc71a2cbe9d4b866f227a0209';
const hex40 = fc.stringMatching(/^[0-9a-fA-F]{40}$/);

describe('parseContentRef', () => {
  it.each<[string, ContentQuery, ReturnType<typeof parseContentRef>, string]>([
    ['a content id', { id: hex }, { kind: 'content_id', value: hex }, `content_id:${hex}`],
    ['its newer name', { content_id: hex }, { kind: 'content_id', value: hex }, `content_id:${hex}`],
    [
      'an acestream link',
      { id: ` acestream://${hex.toUpperCase()}/ ` },
      { kind: 'content_id', value: hex },
      `content_id:${hex}`,
    ],
    [
      'a link with a title',
      { id: `acestream:///${hex}?name=a` },
      { kind: 'content_id', value: hex },
      `content_id:${hex}`,
    ],
    ['headers for one player', { id: `${hex}|User-Agent=x` }, { kind: 'content_id', value: hex }, `content_id:${hex}`],
    [
      'blank parameters',
      { id: hex, url: ' ', file_index: ' ' },
      { kind: 'content_id', value: hex },
      `content_id:${hex}`,
    ],
    ['an infohash', { infohash: hex.toUpperCase() }, { kind: 'infohash', value: hex }, `infohash:${hex}`],
    [
      'a file of a content',
      { infohash: hex, file_index: '2' },
      { kind: 'infohash', value: hex, fileIndex: 2 },
      `infohash:${hex}@2`,
    ],
    [
      'the first file, which is the default',
      { id: hex, file_index: '0' },
      { kind: 'content_id', value: hex },
      `content_id:${hex}`,
    ],
    [
      'a transport file',
      { url: 'HTTP://Example.org/a b.acelive' },
      { kind: 'url', value: 'http://example.org/a%20b.acelive' },
      'url:http://example.org/a%20b.acelive',
    ],
    [
      'a magnet link, named by its hash',
      { magnet: `magnet:?dn=x&xt=urn:btih:${hex.toUpperCase()}&tr=y` },
      { kind: 'magnet', value: `magnet:?dn=x&xt=urn:btih:${hex.toUpperCase()}&tr=y` },
      `magnet:${hex}`,
    ],
    [
      'one that is given and one that is empty',
      { id: '', infohash: hex },
      { kind: 'infohash', value: hex },
      `infohash:${hex}`,
    ],
  ])('reads %s', (_title, query, ref, key) => {
    expect(parseContentRef(query)).toEqual(ref);
    expect(contentKey(parseContentRef(query))).toBe(key);
  });

  it('ignores what else a player sends', () => {
    const query = { id: hex, pid: 'x', format: 'json' };
    expect(parseContentRef(query)).toEqual({ kind: 'content_id', value: hex });
  });

  it.each<[string, ContentQuery, RegExp]>([
    ['nothing', {}, /No content is named/],
    ['only empty parameters', { id: '', infohash: '' }, /No content is named/],
    ['two', { id: hex, infohash: hex }, /\(id, infohash\): give exactly one/],
    ['a parameter twice', { id: [hex, hex] }, /id is given more than once/],
    ['39 digits', { id: hex.slice(1) }, /id is not 40 hexadecimal digits/],
    ['41 digits', { infohash: `${hex}0` }, /infohash is not 40 hexadecimal digits/],
    ['a digit that is none', { id: `g${hex.slice(1)}` }, /not 40 hexadecimal digits/],
    ['a file URL', { url: 'file:///etc/passwd' }, /http or https/],
    ['no URL', { url: 'example.org' }, /http or https/],
    ['a long URL', { url: `http://example.org/${'x'.repeat(5_000)}` }, /longer than 4096/],
    ['a magnet link without a hash', { magnet: 'magnet:?dn=x' }, /no BitTorrent hash/],
    ['something else as a magnet link', { magnet: `http://example.org?xt=urn:btih:${hex}` }, /no BitTorrent hash/],
    ['a file index that is no number', { id: hex, file_index: '1x' }, /file_index/],
    ['a file index below 0', { id: hex, file_index: '-1' }, /file_index/],
    ['a file index beyond all', { id: hex, file_index: '10000' }, /file_index/],
  ])('refuses %s', (_title, query, message) => {
    expect(() => parseContentRef(query)).toThrow(expect.objectContaining({ code: 'bad_content', retryable: false }));
    expect(() => parseContentRef(query)).toThrow(message);
  });

  it('gives the same key for every spelling of a hash', () => {
    fc.assert(
      fc.property(
        hex40,
        fc.constantFrom('', 'acestream://', 'AceStream://', 'acestream:', 'ace://'),
        (hash, prefix) => {
          const key = contentKey(parseContentRef({ id: `${prefix}${hash}` }));
          expect(key).toBe(contentKey(parseContentRef({ id: hash.toLowerCase() })));
          expect(key).toBe(contentKey(parseContentRef({ content_id: hash.toUpperCase() })));
        },
      ),
    );
  });

  it('never throws anything but bad_content, whatever it is given', () => {
    const value = fc.oneof(
      fc.string(),
      fc.webUrl(),
      hex40,
      fc.constant(undefined),
      fc.array(fc.string()),
      fc.integer(),
    );
    const query = fc.record(
      { id: value, infohash: value, url: value, magnet: value, file_index: value },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(query, (given) => {
        try {
          expect(contentKey(parseContentRef(given))).toMatch(/^(content_id|infohash|url|magnet):./);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad_content' });
        }
      }),
    );
  });
});
