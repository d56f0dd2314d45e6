import { expect, test } from 'vitest';
import { playThree, stage } from './stage.ts';

test('the handler for Request and Response does what the one for node does', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const { proxy } = s;
  const headers = { 'user-agent': 'edge' };
  const entry = await proxy.handle(new Request('https://tv.example/a/news.m3u8', { headers }), { address: '10.0.0.9' });
  expect(entry.status).toBe(302);
  const url = new URL(entry.headers.get('location')!, 'https://tv.example/a/news.m3u8');
  const playlist = await proxy.handle(new Request(url));
  expect(await playlist.text()).toContain('#EXTM3U');
  const segment = await proxy.handle(new Request(new URL('2.ts', url), { headers: { range: 'bytes=0-1' } }));
  expect([segment.status, await segment.text()]).toEqual([206, '2.']);
  expect(s.proxy.stats('news')!.viewers).toMatchObject([{ address: '10.0.0.9', userAgent: 'edge' }]);
  const head = await proxy.handle(new Request(new URL('2.ts', url), { method: 'HEAD' }));
  expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '3', '']);
  expect((await proxy.handle(new Request(new URL('99.ts', url)))).status).toBe(404);
  expect((await proxy.handle(new Request(url, { method: 'OPTIONS' }))).status).toBe(204);
  expect((await proxy.handle(new Request(url, { method: 'DELETE' }))).status).toBe(405);
});

test('reading a response does not take the memory away from the next reader', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const entry = await s.proxy.handle(new Request('https://tv.example/news.m3u8'));
  const url = new URL('1.ts', new URL(entry.headers.get('location')!, 'https://tv.example/'));
  for (let count = 0; count < 2; count++) {
    const response = await s.proxy.handle(new Request(url));
    expect(await response.text()).toBe('1.0');
  }
});

test('a waiting request ends with its signal', async () => {
  await using s = stage();
  const leaving = new AbortController();
  const waiting = s.proxy.handle(new Request('https://tv.example/news.m3u8', { signal: leaving.signal }));
  await s.clock.advance(0);
  leaving.abort();
  expect((await waiting).status).toBe(500);
  await s.clock.advance(15_000);
  expect(s.eventsNamed('sessionEnd')).toMatchObject([{ reason: 'idle' }]);
});
