import { createCipheriv, createDecipheriv } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { parse, setOptions, type types } from 'hls-parser';
import { afterEach, expect, test } from 'vitest';
import { type FromPlaylistOptions, fromPlaylist, HlsProxy } from '../src/index.ts';
import { until } from './take.ts';
import { livePlaylist, putWindow, type UpstreamOrigin, upstreamOrigin } from './upstream-origin.ts';

setOptions({ strictMode: true });

let proxy: HlsProxy;
afterEach(() => proxy.close());

/** Publishes an upstream's playlist, and reads what comes of it. */
async function republish(origin: UpstreamOrigin, path = '/live.m3u8', options: FromPlaylistOptions = {}) {
  proxy = new HlsProxy({ open: (key, { signal }) => fromPlaylist(origin.url + key, { signal, ...options }) });
  const text = String(await proxy.playlist(path));
  return { text, playlist: parse(text) as types.MediaPlaylist };
}

async function bytesOf(path: string, name: string): Promise<Buffer> {
  return Buffer.concat((await proxy.segment(path, name)).data);
}

test('relative, absolute and query URIs are all fetched, and named by us', async () => {
  await using origin = await upstreamOrigin();
  await using other = await upstreamOrigin();
  const uris = ['a.ts', 'deep/b.ts?token=1&x=%20', '/root/c.ts', `${other.url}/elsewhere/d.ts?q=1`, '../up/e.ts', '?f'];
  origin.files.set('/tv/hd/live.m3u8?auth=1', livePlaylist(90, uris));
  for (const [path, text] of Object.entries({
    ...{ '/tv/hd/a.ts': 'a', '/tv/hd/deep/b.ts?token=1&x=%20': 'b', '/root/c.ts': 'c', '/tv/up/e.ts': 'e' },
    '/tv/hd/live.m3u8?f': 'f',
  })) {
    origin.files.set(path, text);
  }
  other.files.set('/elsewhere/d.ts?q=1', 'd');
  const path = '/tv/hd/live.m3u8?auth=1';
  const { playlist, text } = await republish(origin, path);
  expect(text).not.toContain(origin.url);
  expect(text).not.toContain('token');
  const names = playlist.segments.map(({ uri }) => uri);
  expect(names.every((name) => /^\d\.ts$/.test(name))).toBe(true);
  await until(() => proxy.stats(path)!.segments.total === 6, 'all segments');
  const texts = await Promise.all([0, 1, 2, 3, 4, 5].map((number) => bytesOf(path, `${number}.ts`)));
  expect(texts.map(String)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

const MASTER = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=800000,RESOLUTION=640x360
low/live.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=5000000,RESOLUTION=1920x1080
high/live.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720
mid/live.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=9000000,URI="iframe.m3u8"
`;

test.each([
  ['the highest variant', {}, 'high'],
  ['the chosen variant', { chooseVariant: (all) => all.find(({ resolution }) => resolution!.height < 720) }, 'low'],
] satisfies [string, FromPlaylistOptions, string][])(
  'of a master playlist %s is played',
  async (_what, options, name) => {
    await using origin = await upstreamOrigin();
    origin.files.set('/master.m3u8', MASTER);
    for (const variant of ['low', 'mid', 'high']) {
      origin.files.set(`/${variant}/live.m3u8`, livePlaylist(0, ['1.ts', '2.ts', '3.ts']));
      for (const number of [1, 2, 3]) origin.files.set(`/${variant}/${number}.ts`, variant);
    }
    await republish(origin, '/master.m3u8', options);
    expect(String(await bytesOf('/master.m3u8', '0.ts'))).toBe(name);
  },
);

test('keys are passed on and cached, and what was encrypted can be decrypted under our numbers', async () => {
  await using origin = await upstreamOrigin();
  const key = Buffer.from('0123456789abcdef');
  const clear = ['first', 'second', 'third'].map((text) => Buffer.from(text));
  const encrypt = (data: Buffer, sequence: number): Buffer => {
    const iv = Buffer.alloc(16);
    iv.writeUInt32BE(sequence, 12);
    const cipher = createCipheriv('aes-128-cbc', key, iv);
    return Buffer.concat([cipher.update(data), cipher.final()]);
  };
  // No IV: it follows from the media sequence number, which is another one in our playlist.
  const tags = ['#EXT-X-KEY:METHOD=AES-128,URI="/keys/1?a=b"'];
  origin.files.set('/live.m3u8', livePlaylist(770, ['a.ts', 'b.ts', 'c.ts'], tags));
  origin.files.set('/keys/1?a=b', key);
  for (const [index, name] of ['a', 'b', 'c'].entries()) {
    origin.files.set(`/${name}.ts`, encrypt(clear[index]!, 770 + index));
  }
  const { playlist, text } = await republish(origin);
  expect(text).not.toContain('/keys/');
  for (const [index, segment] of playlist.segments.entries()) {
    const decipher = createDecipheriv(
      ...(['aes-128-cbc', await bytesOf('/live.m3u8', segment.key!.uri!), Buffer.from(segment.key!.iv!)] as const),
    );
    const data = await bytesOf('/live.m3u8', segment.uri);
    expect(Buffer.concat([decipher.update(data), decipher.final()])).toEqual(clear[index]);
  }
  expect(origin.count('/keys/1?a=b')).toBe(1);
});

test('fragmented MP4 in byte ranges keeps its initialisation section, fetched once', async () => {
  await using origin = await upstreamOrigin();
  const file = Buffer.from('INITaaaabbbbbbcc');
  const ranges: string[] = [];
  origin.files.set('/media.mp4', (request, response) => {
    const { range = '' } = request.headers;
    ranges.push(range);
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(range)!;
    response.writeHead(206).end(file.subarray(Number(from), Number(to) + 1));
  });
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    '#EXT-X-TARGETDURATION:4',
    '#EXT-X-MAP:URI="media.mp4",BYTERANGE="4@0"',
  ];
  for (const range of ['4@4', '6', '2']) lines.push('#EXTINF:4,', `#EXT-X-BYTERANGE:${range}`, 'media.mp4');
  origin.files.set('/live.m3u8', lines.join('\n'));
  const { playlist } = await republish(origin);
  const names = playlist.segments.map(({ uri }) => uri);
  expect(names).toEqual(['0.mp4', '1.mp4', '2.mp4']);
  const [map] = new Set(playlist.segments.map((segment) => segment.map.uri));
  const texts = await Promise.all([map!, ...names].map((name) => bytesOf('/live.m3u8', name)));
  expect(texts.map(String)).toEqual(['INIT', 'aaaa', 'bbbbbb', 'cc']);
  expect((await proxy.segment('/live.m3u8', '0.mp4')).contentType).toBe('video/mp4');
  expect(ranges.toSorted()).toEqual(['bytes=0-3', 'bytes=14-15', 'bytes=4-7', 'bytes=8-13']);
});

test('a server that does not know ranges still gives the right bytes', async () => {
  await using origin = await upstreamOrigin();
  origin.files.set('/all.ts', 'aabbbbcc');
  const lines = ['#EXTM3U', '#EXT-X-VERSION:4', '#EXT-X-TARGETDURATION:4'];
  for (const range of ['2@0', '4@2', '2@6']) lines.push('#EXTINF:4,', `#EXT-X-BYTERANGE:${range}`, 'all.ts');
  origin.files.set('/live.m3u8', lines.join('\n'));
  await republish(origin);
  expect(String(await bytesOf('/live.m3u8', '1.ts'))).toBe('bbbb');
});

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['ZSTD', zstdCompressSync],
])('what comes in %s, which nobody asked for, is read', async (coding, compress) => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  for (const [path, text] of [...origin.files]) {
    origin.files.set(path, (request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': coding }).end(compress(Buffer.from(text as string)));
    });
  }
  await republish(origin);
  const { data, byteLength } = await proxy.segment('/live.m3u8', '1.ts');
  expect([String(Buffer.concat(data)), byteLength]).toEqual(['segment 1', 'segment 1'.length]);
});

test('what is not in the coding it says, in one that nobody can read, or too large inside, is lost', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 3);
  const answers: [string, Buffer][] = [
    ['gzip', Buffer.from('this is no gzip')],
    ['compress', Buffer.from('unknown')],
    ['gzip', gzipSync(Buffer.alloc(100_000))],
  ];
  for (const [number, [coding, body]] of answers.entries()) {
    origin.files.set(`/${number}.ts`, (_, response) =>
      response.writeHead(200, { 'content-encoding': coding }).end(body),
    );
  }
  await republish(origin, '/live.m3u8', { maxSegmentBytes: 10_000, attempts: 1 });
  await until(() => proxy.stats('/live.m3u8')!.segments.total === 4, 'all segments');
  expect(proxy.stats('/live.m3u8')!.segments.lost).toBe(3);
  expect(String(await bytesOf('/live.m3u8', '3.ts'))).toBe('segment 3');
});

test('discontinuities, dates and gaps come through', async () => {
  await using origin = await upstreamOrigin();
  for (const name of ['a', 'b', 'd']) origin.files.set(`/${name}.ts`, name);
  const date = '#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z';
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-TARGETDURATION:4', '#EXT-X-DISCONTINUITY-SEQUENCE:5', date];
  lines.push('#EXTINF:4,', 'a.ts', '#EXT-X-DISCONTINUITY', '#EXTINF:3.5,', 'b.ts', '#EXT-X-GAP', '#EXTINF:2,', 'c.ts');
  lines.push('#EXT-X-DISCONTINUITY', date, '#EXTINF:4,', 'd.ts', '#EXT-X-ENDLIST');
  origin.files.set('/live.m3u8', lines.join('\n'));
  await republish(origin);
  await until(() => proxy.stats('/live.m3u8')!.state === 'ended', 'the end');
  const playlist = parse(String(await proxy.playlist('/live.m3u8'))) as types.MediaPlaylist;
  expect(playlist.endlist).toBe(true);
  expect(
    playlist.segments.map(({ discontinuity, gap, duration, programDateTime }) => [
      ...[discontinuity ?? false, gap ?? false, duration, programDateTime?.toISOString()],
    ]),
  ).toEqual([
    [false, false, 4, '2026-01-01T00:00:00.000Z'],
    [true, false, 3.5, undefined],
    [false, true, 2, undefined],
    [true, false, 4, '2026-01-01T00:00:00.000Z'],
  ]);
  expect(origin.count('/c.ts')).toBe(0);
});

test('however many ask for a segment, it is fetched once', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  await republish(origin);
  const texts = await Promise.all(Array.from({ length: 100 }, (_, index) => bytesOf('/live.m3u8', `${index % 3}.ts`)));
  expect(new Set(texts.map(String))).toEqual(new Set(['segment 0', 'segment 1', 'segment 2']));
  expect([0, 1, 2].map((number) => origin.count(`/${number}.ts`))).toEqual([1, 1, 1]);
  expect(proxy.stats('/live.m3u8')!.requests).toMatchObject({ segments: 100, segmentHits: 100 });
});

test('reading a playlist leaves the settings of hls-parser as they were', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  await republish(origin);
  expect(() => parse('#EXTM3U\n#EXTINF:9,\na.ts')).toThrow('TARGETDURATION');
});
