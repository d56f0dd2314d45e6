import { createServer, request } from 'node:http';
import { expect, test } from 'vitest';
import { player } from './player.ts';
import { listening, playThree, stage } from './stage.ts';

test('under a base path of another server every URL still leads back to us', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const inner = await s.listen();
  const outer = createServer((from, to) => {
    const { pathname, search } = new URL(from.url!, 'http://outer');
    if (!pathname.startsWith('/tv/box/')) return void to.writeHead(418).end();
    const { host: _, ...headers } = from.headers;
    request(inner + pathname.slice('/tv/box'.length) + search, { method: from.method, headers }, (answer) => {
      to.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(to);
    }).end();
  });
  try {
    const viewer = player(`${await listening(outer)}/tv/box/ace/news.m3u8`);
    const text = await viewer.enter();
    expect(new URL(viewer.url).pathname).toMatch(/^\/tv\/box\/ace\/hls\/news\//);
    const uris = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(uris).toEqual(['0.ts', '1.ts', '2.ts']);
    for (const uri of uris) expect((await viewer.get(uri)).status).toBe(200);
    expect((await viewer.reload()).status).toBe(200);
  } finally {
    outer.closeAllConnections();
    outer.close();
  }
});
