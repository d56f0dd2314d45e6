import { request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { player } from './player.ts';
import { playThree, type Stage, stage } from './stage.ts';

const DATA = [Buffer.from('0123456789'), Buffer.from('abcdefghij'), Buffer.from('KLMNOPQRST')];

/** Three segments, the newest of thirty bytes in three views, and a player that has entered. */
async function entered(s: Stage) {
  const waiting = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) s.sources[0]!.segment(5_000, { data: DATA });
  await waiting;
  const viewer = player(`${await s.listen()}/news.m3u8`);
  await viewer.enter();
  return viewer;
}

/** A request with the headers exactly as given, the answer's body as it came. */
function raw(url: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: Buffer }>((resolve, reject) => {
    const sent = request(url, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () =>
        resolve({ status: answer.statusCode!, headers: answer.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
  });
}

test('a segment comes whole, with its type, and browsers of any page may have it', async () => {
  await using s = stage();
  const viewer = await entered(s);
  const response = await viewer.get('1.ts');
  expect(await response.text()).toBe('0123456789abcdefghijKLMNOPQRST');
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'video/mp2t',
    'content-length': '30',
    'accept-ranges': 'bytes',
    'access-control-allow-origin': '*',
  });
  expect(s.proxy.stats()).toMatchObject({ totals: { segments: 1, segmentHits: 1 } });
  expect(s.proxy.stats('news')!.viewers[0]!.bytesSent).toBeGreaterThan(30);
});

test.each([
  ['bytes=5-14', 206, '56789abcde', 'bytes 5-14/30'],
  ['bytes=25-', 206, 'PQRST', 'bytes 25-29/30'],
  ['bytes=-3', 206, 'RST', 'bytes 27-29/30'],
  ['bytes=30-', 416, '', 'bytes */30'],
  ['bytes=0-1,4-5', 200, '0123456789abcdefghijKLMNOPQRST', null],
])('the range %s of a segment', async (range, status, text, contentRange) => {
  await using s = stage();
  const viewer = await entered(s);
  const response = await viewer.get('1.ts', { headers: { range } });
  expect([response.status, await response.text(), response.headers.get('content-range')]).toEqual([
    ...[status, text, contentRange],
  ]);
});

test('a segment that the player has already is not sent again', async () => {
  await using s = stage();
  const viewer = await entered(s);
  const etag = (await viewer.get('1.ts')).headers.get('etag')!;
  const again = await viewer.get('1.ts', { headers: { 'if-none-match': `"other", ${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect((await viewer.get('2.ts', { headers: { 'if-none-match': etag } })).status).toBe(200);
  const current = await viewer.get('1.ts', { headers: { 'if-range': etag, range: 'bytes=0-0' } });
  const outdated = await viewer.get('1.ts', { headers: { 'if-range': '"old"', range: 'bytes=0-0' } });
  expect([current.status, outdated.status]).toEqual([206, 200]);
});

test('a playlist is compressed when that is asked for', async () => {
  await using s = stage();
  const viewer = await entered(s);
  const plain = await raw(viewer.url);
  const packed = await raw(viewer.url, { headers: { 'accept-encoding': 'br, gzip' } });
  expect([plain.headers['content-encoding'], packed.headers['content-encoding']]).toEqual([undefined, 'gzip']);
  expect(gunzipSync(packed.body)).toEqual(plain.body);
  expect(packed.headers).toMatchObject({
    ...{ 'content-type': 'application/vnd.apple.mpegurl', vary: 'Accept-Encoding', 'cache-control': 'no-store' },
    'content-length': `${packed.body.length}`,
  });
});

test('a segment that has just left the window is served for a while; one that is long gone is not found', async () => {
  await using s = stage();
  const viewer = await entered(s);
  const more = async (count: number): Promise<void> => {
    for (let step = 0; step < count; step++) {
      await s.clock.advance(1_500);
      s.sources[0]!.segment(5_000);
      await s.clock.advance(0);
    }
  };
  await more(6);
  expect(await (await viewer.reload()).text()).toContain('#EXT-X-MEDIA-SEQUENCE:1\n');
  expect((await viewer.get('0.ts')).status).toBe(200);
  await more(18);
  const gone = await viewer.get('0.ts');
  expect([gone.status, gone.headers.get('access-control-allow-origin')]).toEqual([404, '*']);
});

test.each([
  'http://127.0.0.1:1/secret.ts',
  'http%3A%2F%2F127.0.0.1%3A1%2Fsecret.ts',
  '../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '1.ts%00.m3u8',
  '01.ts',
  '1e0.ts',
  '1.mp4',
  '-1.ts',
  'map0.mp4',
  '__proto__',
])('a name that our playlist does not have is refused, and nothing is fetched for it: %s', async (name) => {
  await using s = stage();
  const viewer = await entered(s);
  const base = viewer.url.slice(0, viewer.url.lastIndexOf('/') + 1);
  expect((await raw(base + name)).status).toBe(404);
  expect(s.opened).toEqual(['news']);
});

test('HEAD says what GET would, and starts and counts nothing', async () => {
  await using s = stage();
  const url = await s.listen();
  expect(await raw(`${url}/news.m3u8`, { method: 'HEAD' })).toMatchObject({
    status: 200,
    headers: { 'content-type': 'application/vnd.apple.mpegurl' },
  });
  expect(s.opened).toEqual([]);
  await playThree(s, 'news');
  const viewer = player(`${url}/news.m3u8`);
  await viewer.enter();
  const before = s.proxy.stats('news')!;
  await s.clock.advance(1_000);
  for (const [name, status, type] of [
    ['index.m3u8', 200, 'application/vnd.apple.mpegurl'],
    ['1.ts', 200, 'video/mp2t'],
    ['99.ts', 404, 'text/plain; charset=utf-8'],
  ] as const) {
    const answer = await raw(new URL(name, viewer.url).href, { method: 'HEAD' });
    expect([answer.status, answer.headers['content-type'], answer.body.length]).toEqual([status, type, 0]);
  }
  expect(s.proxy.stats('news')).toEqual(before);
});

test('OPTIONS allows what players need, other methods are refused', async () => {
  await using s = stage();
  const url = `${await s.listen()}/news.m3u8`;
  expect(await raw(url, { method: 'OPTIONS' })).toMatchObject({
    status: 204,
    headers: { 'access-control-allow-origin': '*', 'access-control-allow-methods': 'GET, HEAD, OPTIONS' },
  });
  expect(await raw(url, { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } });
  expect(s.opened).toEqual([]);
});

test('a directive that makes no sense is refused', async () => {
  await using s = stage();
  const viewer = await entered(s);
  for (const query of ['?_HLS_msn=x', '?_HLS_part=1', '?_HLS_msn=-1', '?_HLS_msn=99']) {
    expect([query, (await viewer.reload(query)).status]).toEqual([query, 400]);
  }
});

test('a first URL that asks for low latency keeps asking, and what else it says is left out', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const url = await s.listen();
  expect((await raw(`${url}/news.m3u8?ll=`)).headers['location']).toMatch(/\/index\.m3u8$/);
  const answer = await raw(`${url}/news.m3u8?ll=1&key=secret&_HLS_msn=2`);
  expect(answer.status).toBe(302);
  expect(answer.headers['location']).toMatch(/^hls\/news\/[\w-]{24}\/index\.m3u8\?ll=1&_HLS_msn=2$/);
});

test('a key that is no part of a URL has a name there that stands for it', async () => {
  await using s = stage({ keyOf: () => 'http://upstream.local/live.m3u8?a=b' });
  const viewer = player(`${await s.listen()}/anything`);
  const entering = viewer.enter();
  while (s.sources.length === 0) await s.clock.advance(0);
  for (let count = 0; count < 3; count++) s.sources[0]!.segment(5_000);
  await entering;
  expect(viewer.url).toMatch(/\/hls\/[\w-]{22}\/[\w-]{24}\/index\.m3u8$/);
  expect(s.opened).toEqual(['http://upstream.local/live.m3u8?a=b']);
});

test('a path that is no stream is not found', async () => {
  await using s = stage({ keyOf: () => undefined });
  expect((await fetch(`${await s.listen()}/robots.txt`)).status).toBe(404);
});

test('an opener that fails is said to the player', async () => {
  await using s = stage({
    open: async () => {
      throw Object.assign(new Error('no such channel'), { retryable: false });
    },
  });
  const response = await fetch(`${await s.listen()}/news.m3u8`);
  expect([response.status, await response.text()]).toEqual([502, 'news could not be opened: no such channel\n']);
});
