import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { httpSource, MpegTsProxy } from '../src/index.ts';
import { transportStream } from '../src/testing.ts';
import { fanOut, OK, origin, type Player } from './origin.ts';
import { until } from './until.ts';

const stream = transportStream({ durationMs: 4_000, packetsPerFrame: 40 });

/** Plays a source that the first try finds at one URL, and every further one at another. */
async function playing(urls: readonly string[], look: (player: Player, proxy: MpegTsProxy) => Promise<void>) {
  const proxy = new MpegTsProxy({
    open: (_key, { signal, failed }) => httpSource(urls[Math.min(failed.length, urls.length - 1)]!, { signal }),
    client: { keepAliveMs: 60_000 },
    recovery: { stallMs: 3_600_000, retryDelayMs: 0, openAttempts: 2 },
  });
  await using stand = await fanOut(proxy);
  await look(stand.play('a'), proxy);
}

async function expectAll(player: Player): Promise<void> {
  await until(() => player.body.length === stream.length, 'the whole stream');
  expect(Buffer.compare(player.body, stream)).toBe(0);
}

test('a URL that answers 404 is tried elsewhere, and no byte of its body gets to the player', async () => {
  await using gone = await origin((socket) =>
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found'),
  );
  await using place = await origin((socket) => socket.write(OK) && socket.write(stream));
  await playing([gone.url, place.url], async (player) => {
    await expectAll(player);
    expect([gone.asked.length, place.asked.length]).toEqual([1, 1]);
  });
});

test('where every URL answers 404 the join is refused with the cause, after so many tries', async () => {
  await using gone = await origin((socket) => socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n'));
  await playing([gone.url], async (player, proxy) => {
    await player.ended;
    expect(player.answer).toMatch(/^HTTP\/1\.1 502/);
    expect(player.body.toString()).toContain('open_failed bad_status');
    expect(gone.asked).toHaveLength(2);
    expect(proxy.stats().sessions).toEqual([]);
  });
});

test('a redirect is followed, also to another port of the host, and what leads there is asked without compression', async () => {
  await using place = await origin((socket) => socket.write(OK) && socket.write(stream));
  await using sign = await origin((socket) => {
    const body = '<html>moved</html>';
    const head = `HTTP/1.1 302 Found\r\nLocation: ${place.url}/content/0.1\r\nContent-Length: ${body.length}`;
    socket.end(`${head}\r\n\r\n${body}`);
  });
  await playing([`${sign.url}/start?a=1`], async (player) => {
    await expectAll(player);
    expect(sign.asked.map(({ path }) => path)).toEqual(['/start?a=1']);
    expect(place.asked.map(({ path }) => path)).toEqual(['/content/0.1']);
    for (const { headers } of [...sign.asked, ...place.asked]) expect(headers['accept-encoding']).toBe('identity');
  });
});

const inCoding = (coding: string): string => OK.replace('\r\n\r\n', `\r\nContent-Encoding: ${coding}\r\n\r\n`);

test.each([
  ['gzip', gzipSync(stream)],
  ['GZIP', gzipSync(stream)],
  ['x-gzip', gzipSync(stream)],
  ['deflate', deflateSync(stream)],
  ['br', brotliCompressSync(stream)],
  ['zstd', zstdCompressSync(stream)],
  ['identity', stream],
])('a body that comes in %s, which nobody asked for, is played', async (coding, body) => {
  await using place = await origin((socket) => socket.write(inCoding(coding)) && socket.write(body));
  await playing([place.url], async (player) => {
    await expectAll(player);
    expect(place.asked[0]!.headers['accept-encoding']).toBe('identity');
  });
});

test('a coding that nobody can read is refused at once, and its connection is closed', async () => {
  let closed = 0;
  await using place = await origin((socket) => {
    socket.once('close', () => closed++);
    socket.write(inCoding('compress'));
  });
  await playing([place.url], async (player) => {
    await player.ended;
    expect(player.body.toString()).toContain('open_failed not_mpegts');
    await until(() => closed === 2, 'the end of both connections');
  });
});

test('a compressed body holds its sender up while nobody takes it, and leaving it closes the connection', async () => {
  const nothing = gzipSync(Buffer.alloc(16 * 1024 * 1024), { level: 1 });
  const copies = 2_000;
  const { promise: closed, resolve } = Promise.withResolvers<number>();
  await using place = await origin((socket) => {
    socket.once('close', () => resolve(socket.bytesWritten - socket.writableLength));
    socket.write(inCoding('gzip'));
    for (let copy = 0; copy < copies; copy++) socket.write(nothing);
  });
  const { chunks } = await httpSource(place.url);
  let taken = 0;
  for await (const chunk of chunks) {
    taken += chunk.length;
    if (taken > 4 * 1024 * 1024) break;
  }
  expect(await closed).toBeLessThan((copies * nothing.length) / 2);
});

test('a compressed body that has fallen silent can be left, and who waits for more of it is told its end', async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using place = await origin((socket) => {
    socket.once('close', () => resolve());
    socket.write(inCoding('gzip'));
    socket.write(gzipSync(stream));
  });
  const chunks = (await httpSource(place.url)).chunks[Symbol.asyncIterator]();
  for (let taken = 0; taken < stream.length; ) taken += (await chunks.next()).value!.length;
  const waiting = chunks.next();
  await chunks.return!();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await closed;
});
