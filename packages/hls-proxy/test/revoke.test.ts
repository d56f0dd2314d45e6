import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { HlsProxyError } from '../src/index.ts';
import { player } from './player.ts';
import { listening, playThree, type Stage, stage } from './stage.ts';
import { until } from './take.ts';

/** A server that lets players in with what they say in `?grant=`. */
async function guarded(s: Stage): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer((request, response) => {
    const grant = new URL(request.url!, 'http://x').searchParams.get('grant');
    s.proxy.serve(request, response, grant === null ? {} : { grant }).catch((error: unknown) => {
      const refusal = error instanceof HlsProxyError ? error : undefined;
      response.writeHead(refusal?.status ?? 500).end(refusal?.code);
    });
  });
  const url = `${await listening(server)}/news.m3u8`;
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function said(answer: Response | Promise<Response>): Promise<unknown[]> {
  const { status } = await answer;
  return [status, await (await answer).text()];
}

const refused = [403, 'revoked'];

test('revoking a grant ends its viewers and nobody else', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  const [one, other, free] = [
    player(`${server.url}?grant=a`, 'one'),
    player(`${server.url}?grant=b`, 'two'),
    player(server.url, 'three'),
  ];
  for (const each of [one, other, free]) {
    await each.enter();
    await (await each.get('1.ts')).arrayBuffer();
  }
  expect(s.proxy.revoke('a')).toBe(1);
  expect(s.eventsNamed('viewerEnd')).toMatchObject([{ userAgent: 'one', reason: 'revoked' }]);
  expect(await said(one.reload())).toEqual(refused);
  expect(await said(one.get('2.ts'))).toEqual(refused);
  expect((await one.get('2.ts', { method: 'HEAD' })).status).toBe(403);
  for (const each of [other, free]) {
    expect((await each.reload()).status).toBe(200);
    expect((await each.get('2.ts')).status).toBe(200);
  }
  expect(s.proxy.stats().viewers).toBe(2);
  expect(s.proxy.revoke('a')).toBe(0);
});

test('whoever comes again with a grant that was revoked is not let in', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  s.proxy.revoke('a');
  expect(await said(fetch(`${server.url}?grant=a`))).toEqual(refused);
  expect((await fetch(`${server.url}?grant=b`)).status).toBe(200);
});

test('a viewer that was away for so long that it is forgotten does not outlive its grant', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  const viewer = player(`${server.url}?grant=a`);
  await viewer.enter();
  await s.clock.advance(28_000 + 15_000);
  expect(s.proxy.has('news')).toBe(false);
  s.proxy.revoke('a');
  expect(await said(viewer.reload())).toEqual(refused);
  expect(s.opened).toEqual(['news']);
});

test('who waits for new media is told at once', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  const viewer = player(`${server.url}?grant=a`);
  await viewer.enter();
  const timers = s.clock.pending;
  const reload = viewer.reload('?_HLS_msn=3');
  await until(() => s.clock.pending > timers, 'the reload');
  s.proxy.revoke('a');
  expect(await said(reload)).toEqual(refused);
});

test('a segment on its way breaks off', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  const viewer = player(`${server.url}?grant=a`);
  await viewer.enter();
  const data = Array.from({ length: 48 }, () => new Uint8Array(2 ** 20));
  s.sources[0]!.segment(5_000, { data });
  await s.clock.advance(0);
  const { hostname, port, pathname } = new URL('3.ts', viewer.url);
  const socket = connect(Number(port), hostname);
  socket.pause();
  socket.on('error', () => {});
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until(() => s.proxy.stats().viewers === 1, 'the viewer');
  s.proxy.revoke('a');
  let read = 0;
  socket.on('data', ({ length }) => {
    read += length;
  });
  socket.resume();
  await once(socket, 'close');
  expect(read).toBeLessThan(48 * 2 ** 20);
});

test('and so does the body of a Response', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const entry = await s.proxy.handle(new Request('https://tv.example/news.m3u8'), { grant: 'a' });
  const url = new URL('1.ts', new URL(entry.headers.get('location')!, 'https://tv.example/'));
  s.sources[0]!.segment(5_000, { data: Array.from({ length: 8 }, () => new Uint8Array(9)) });
  await s.clock.advance(0);
  const response = await s.proxy.handle(new Request(new URL('3.ts', url)));
  const reader = response.body!.getReader();
  await reader.read();
  s.proxy.revoke('a');
  await expect(reader.read()).rejects.toMatchObject({ name: 'AbortError' });
  expect((await s.proxy.handle(new Request(url))).status).toBe(403);
});

test('equal players at one address that were let in by different grants are two', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  const [one, two] = [player(`${server.url}?grant=a`), player(`${server.url}?grant=b`)];
  await one.enter();
  await two.enter();
  expect(one.url).not.toBe(two.url);
  const again = player(`${server.url}?grant=a`);
  await again.enter();
  expect(again.url).toBe(one.url);
});

test('a forged token is refused, whatever it says it was given out for', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await using server = await guarded(s);
  const viewer = player(`${server.url}?grant=a`);
  await viewer.enter();
  const token = new URL(viewer.url).pathname.split('/').at(-2)!;
  expect(token).toMatch(/^[\w-]{32}$/);
  for (const forged of [token.slice(0, 12) + token.slice(20), `${token.slice(0, 12)}AAAAAAAA${token.slice(20)}`]) {
    for (const method of ['GET', 'HEAD']) {
      expect((await fetch(viewer.url.replace(token, forged), { method })).status).toBe(404);
    }
  }
});
