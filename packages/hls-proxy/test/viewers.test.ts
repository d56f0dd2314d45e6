import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { player } from './player.ts';
import { playThree, type Stage, stage } from './stage.ts';
import { until } from './take.ts';

async function playing(s: Stage): Promise<string> {
  await playThree(s, 'news');
  // Who called the proxy's methods is forgotten.
  return `${await s.listen()}/news.m3u8`;
}

/** A viewer's token, from the URL of its playlist. */
function tokenOf(url: string): string {
  return new URL(url).pathname.split('/').at(-2)!;
}

test('a viewer is sent to a URL of its own, and counts after its first segment', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  expect(await viewer.enter()).toContain('#EXTM3U');
  expect(viewer.url).toMatch(/\/hls\/news\/[\w-]{24}\/index\.m3u8$/);
  expect(s.proxy.stats()).toMatchObject({ viewers: 0, totals: { viewers: 0 } });
  await (await viewer.get('1.ts')).arrayBuffer();
  expect(s.proxy.stats('news')!.viewers).toMatchObject([
    { id: tokenOf(viewer.url), address: '127.0.0.1', userAgent: 'test player', connectedAt: s.clock.wallNow() },
  ]);
  expect(s.eventsNamed('viewerStart')).toMatchObject([{ key: 'news', userAgent: 'test player' }]);
});

test('how far a viewer is behind the media that is there, and what it passed over, is known', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  const now = () => s.proxy.stats('news')!.viewers[0]!;
  const take = async (name: string) => (await viewer.get(name)).arrayBuffer();
  await take('0.ts');
  // Segments of five seconds.
  expect(now()).toMatchObject({ lagMs: 10_000, skips: 0, lowLatency: false });
  await take('1.ts');
  await take('0.ts');
  await take('1.ts');
  expect(now()).toMatchObject({ lagMs: 5_000, skips: 0 });
  await take('0.ts');
  await take('2.ts');
  expect(now()).toMatchObject({ lagMs: 0, skips: 1 });
});

test('a player that comes by the first URL each time keeps its token', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  const first = viewer.url;
  await s.clock.advance(27_000);
  await viewer.enter();
  expect(viewer.url).toBe(first);
  await s.clock.advance(28_000);
  await viewer.enter();
  expect(viewer.url).not.toBe(first);
});

test('another User-Agent at the same address is another viewer', async () => {
  await using s = stage();
  const url = await playing(s);
  const [one, two] = [player(url, 'one'), player(url, 'two')];
  for (const each of [one, two]) {
    await each.enter();
    await (await each.get('1.ts')).arrayBuffer();
  }
  expect(tokenOf(one.url)).not.toBe(tokenOf(two.url));
  expect(s.proxy.stats().viewers).toBe(2);
});

test('two equal players are two once the first keeps to its URL; one leaves, the other plays on', async () => {
  await using s = stage();
  const url = await playing(s);
  const [one, two] = [player(url), player(url)];
  await one.enter();
  await one.get('1.ts');
  await one.reload();
  await two.enter();
  await two.get('1.ts');
  expect(s.proxy.stats().viewers).toBe(2);
  await s.clock.advance(20_000);
  await two.reload();
  await s.clock.advance(10_000);
  expect(s.proxy.stats('news')!.viewers.map(({ id }) => id)).toEqual([tokenOf(two.url)]);
  expect(s.eventsNamed('viewerEnd')).toMatchObject([{ viewer: tokenOf(one.url), reason: 'idle', durationMs: 28_000 }]);
});

test('when all viewers have stopped polling the session lingers, then ends once; its source is closed once', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  await (await viewer.get('1.ts')).arrayBuffer();
  await s.clock.advance(27_999);
  expect(s.proxy.stats('news')).toMatchObject({ lingering: false, viewers: [{}] });
  const lingeredBefore = s.eventsNamed('sessionLinger').length;
  await s.clock.advance(1);
  expect(s.proxy.stats('news')).toMatchObject({ lingering: true, viewers: [] });
  expect(s.eventsNamed('sessionLinger').slice(lingeredBefore)).toEqual([{ key: 'news' }]);
  await s.clock.advance(14_999);
  expect(s.proxy.has('news')).toBe(true);
  await s.clock.advance(1);
  expect(s.proxy.has('news')).toBe(false);
  await s.clock.advance(100_000);
  expect(s.eventsNamed('sessionEnd')).toMatchObject([{ key: 'news', reason: 'idle', segments: 3 }]);
  expect(s.sources[0]!.closedWith).toEqual(['idle']);
  expect(s.clock.pending).toBe(0);
});

test('a burst takes nothing out of the playlist before a player had time to see it', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  const numbers = (text: string): number[] => [...text.matchAll(/^(\d+)\.ts$/gm)].map(([, number]) => Number(number));
  expect(numbers(await viewer.enter())).toEqual([0, 1, 2]);
  for (let count = 0; count < 30; count++) s.sources[0]!.segment(5_000);
  await s.clock.advance(6_000);
  // A target duration is six seconds: until then there was no need to look again.
  expect(numbers(await (await viewer.reload()).text())).toEqual(Array.from({ length: 33 }, (_, index) => index));
  await s.clock.advance(3_000);
  s.sources[0]!.segment(5_000);
  await s.clock.advance(0);
  expect(numbers(await (await viewer.reload()).text())).toEqual([26, 27, 28, 29, 30, 31, 32, 33]);
});

test('a player that pauses keeps its place for the limit', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  await (await viewer.get('1.ts')).arrayBuffer();
  for (let pause = 0; pause < 5; pause++) {
    await s.clock.advance(27_000);
    expect((await viewer.reload()).status).toBe(200);
  }
  expect([s.opened, s.eventsNamed('viewerStart').length, s.eventsNamed('viewerEnd').length]).toEqual([['news'], 1, 0]);
});

test('a viewer that comes in the linger keeps the session', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  await s.clock.advance(28_000 + 14_900);
  expect((await viewer.reload()).status).toBe(200);
  await s.clock.advance(20_000);
  expect(s.proxy.has('news')).toBe(true);
  expect(s.opened).toEqual(['news']);
});

test('while somebody waits for a first window the session does not end, whoever else has left', async () => {
  await using s = stage();
  const url = `${await s.listen()}/news.m3u8`;
  const leaving = new AbortController();
  const left = fetch(url, { signal: leaving.signal }).catch(() => {});
  await until(() => s.sources.length === 1, 'the source');
  leaving.abort();
  await left;
  await until(() => s.proxy.stats('news')!.lingering, 'the linger');
  await s.clock.advance(10_000);
  const staying = fetch(url);
  await until(() => !s.proxy.stats('news')!.lingering, 'another viewer');
  await s.clock.advance(15_000);
  for (let count = 0; count < 3; count++) s.sources[0]!.segment(5_000);
  expect((await staying).status).toBe(200);
  expect(s.opened).toEqual(['news']);
});

test('a player that comes back after its session has ended goes on under its URL', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  await s.clock.advance(28_000 + 15_000);
  expect(s.proxy.has('news')).toBe(false);
  const reload = viewer.reload();
  while (s.sources.length < 2) await s.clock.advance(0);
  for (let count = 0; count < 3; count++) s.sources[1]!.segment(5_000);
  const text = await (await reload).text();
  expect(text).toContain('#EXT-X-MEDIA-SEQUENCE:3');
  expect(text).toContain('#EXT-X-DISCONTINUITY');
});

test('who waits in a blocking reload is not idle', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  await (await viewer.get('1.ts')).arrayBuffer();
  const reload = viewer.reload('?_HLS_msn=3');
  while (s.clock.pending < 2) await s.clock.advance(0);
  await s.clock.advance(17_000);
  s.sources[0]!.segment(5_000);
  expect((await reload).status).toBe(200);
  expect(s.eventsNamed('viewerEnd')).toEqual([]);
});

test('a token that was not made here, and a stream that was never played, are not found', async () => {
  await using s = stage();
  const viewer = player(await playing(s));
  await viewer.enter();
  const forged = viewer.url.replace(/[\w-]{24}/, 'x'.repeat(24));
  expect((await fetch(forged)).status).toBe(404);
  expect((await fetch(forged.replace('index.m3u8', '1.ts'))).status).toBe(404);
  expect((await fetch(viewer.url.replace('/hls/news/', '/hls/sport/'))).status).toBe(404);
  expect(s.opened).toEqual(['news']);
});

test('beyond the limit of viewers a newcomer is refused, and told when to come back', async () => {
  await using s = stage({ limits: { viewersPerSession: 2 } });
  const url = await playing(s);
  await player(url, 'one').enter();
  const response = await fetch(url, { headers: { 'user-agent': 'two' } });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '10']);
});

/** A viewer that has asked for a segment of 48 MiB and does not read it. */
async function clogged(s: Stage): Promise<{ socket: Socket; closed: Promise<unknown> }> {
  const viewer = player(await playing(s));
  await viewer.enter();
  const data = Array.from({ length: 48 }, () => new Uint8Array(2 ** 20));
  s.sources[0]!.segment(5_000, { data });
  await s.clock.advance(0);
  const { hostname, port, pathname } = new URL('3.ts', viewer.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.pause();
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => s.proxy.stats().viewers === 1, 'the viewer');
  return { socket, closed: once(socket, 'close') };
}

test('a player that does not read its segment any more is let go after the limit', async () => {
  await using s = stage();
  const { socket, closed } = await clogged(s);
  const [started] = s.proxy.stats('news')!.viewers;
  let last = started!;
  // It is there as long as the kernel takes something without a reader, and then for the limit.
  for (let [now] = [started]; now !== undefined; [now] = s.proxy.stats('news')!.viewers) {
    last = now;
    await s.clock.advance(1_000);
  }
  expect(s.clock.wallNow() - last.lastActiveAt).toBe(28_000);
  let read = 0;
  socket.on('data', ({ length }) => {
    read += length;
  });
  socket.resume();
  await closed;
  expect(read).toBeLessThan(40 * 2 ** 20);
  expect(s.eventsNamed('viewerEnd')).toMatchObject([{ reason: 'idle', bytesSent: last.bytesSent }]);
});

test('a player that reads slowly is not idle', async () => {
  await using s = stage();
  const { socket } = await clogged(s);
  let read = 0;
  for (let step = 0; step < 6; step++) {
    const target = read + 5 * 2 ** 20;
    while (read < target) {
      socket.resume();
      const [chunk] = (await once(socket, 'data')) as [Buffer];
      socket.pause();
      read += chunk.length;
    }
    const now = s.clock.wallNow();
    await until(() => s.proxy.stats('news')!.viewers[0]?.lastActiveAt === now, 'what was read to make room');
    await s.clock.advance(20_000);
  }
  expect(s.proxy.stats().viewers).toBe(1);
  socket.destroy();
});

test('stopping a stream ends the downloads of it', async () => {
  await using s = stage();
  const { socket, closed } = await clogged(s);
  await s.proxy.stop('news');
  socket.resume();
  await closed;
});
