import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { expect, test } from 'vitest';
import {
  CONTENT_ID,
  type EngineAnswer,
  getJson,
  locateBody,
  OTHER_CONTENT_ID,
  play,
  rawGet,
  readPlayback,
  start,
  testEngine,
  tryStart,
  until,
} from './test-engine.ts';

const HLS = '/ace/manifest.m3u8';

interface Stat {
  readonly status: string;
  readonly progress?: number;
  readonly peers: number;
  readonly is_live: number;
}
const stat = async (url: string): Promise<Stat> => (await getJson<EngineAnswer<Stat>>(url)).response!;

test('4 start-error: a start answers with an error, a number of times', async () => {
  const engine = await testEngine();
  engine.faults.set('start-error', { message: 'failed to load content', times: 2 });
  expect(await tryStart(engine)).toEqual({ response: null, error: 'failed to load content' });
  const redirect = rawGet(`${engine.url}/ace/getstream?id=${CONTENT_ID}`);
  await redirect.ended;
  expect([redirect.status, redirect.body.toString()]).toEqual([500, 'failed to load content']);
  expect((await tryStart(engine)).error).toBeNull();
});

test('4 start-error: a missing option is named to players that use stop notifications', async () => {
  const engine = await testEngine();
  engine.faults.set('start-error', {
    message: 'No ADs option must be activated to use this product',
    missingOption: 'no_ads',
  });
  const told = await tryStart(engine, `id=${CONTENT_ID}&use_stop_notifications=1`);
  expect(told.extra_data).toEqual({ reason: 'missing_option', option: 'no_ads' });
  expect((await tryStart(engine)).extra_data).toBeUndefined();
});

test.each(['/ace/getstream', HLS])(
  '5 playback-hangs: after %s playback never gets a status line and stat stays at prebuf without peers',
  async (path) => {
    const engine = await testEngine();
    engine.faults.set('playback-hangs');
    const { playback_url, stat_url } = await start(engine, undefined, path);
    const held = rawGet(playback_url);
    await delay(150);
    expect(held.bytesReceived).toBe(0);
    expect(await stat(stat_url)).toMatchObject({ status: 'prebuf', progress: 0, peers: 0 });

    await engine.faults.clear('playback-hangs');
    await held.ended;
    expect(held.status).toBe(path === HLS ? 200 : 302);
    expect((await stat(stat_url)).status).toBe('dl');
  },
);

test('6 playback-not-found: playback answers 500 three times, then plays', async () => {
  const engine = await testEngine();
  const { playback_url } = await start(engine);
  engine.faults.set('playback-not-found');
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const failed = rawGet(playback_url);
    await failed.ended;
    expect([failed.status, failed.body.toString()]).toEqual([500, 'download not found']);
  }
  await (await readPlayback(playback_url)).untilBody(1000);
});

test('7 playback-fails: playback answers 500 for ever, with the text asked for', async () => {
  const engine = await testEngine();
  engine.faults.set('playback-fails', { text: 'failed to start' });
  for (const path of ['/ace/getstream', HLS]) {
    const { playback_url } = await start(engine, undefined, path);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      const failed = rawGet(playback_url);
      await failed.ended;
      expect([failed.status, failed.body.toString()]).toEqual([500, 'failed to start']);
    }
  }
});

test.each([200, 500])(
  '8 double-status-line: the head has a second status line (%i) that no HTTP client accepts',
  async (secondStatus) => {
    const engine = await testEngine();
    engine.faults.set('double-status-line', { secondStatus });
    const { playback_url } = await start(engine);
    const broken = await readPlayback(playback_url);
    await broken.ended;
    const lines = broken.head.split('\r\n');
    expect(lines[0]).toBe('HTTP/1.1 200 OK');
    expect(lines.slice(1).some((line) => line.startsWith(`HTTP/1.1 ${secondStatus} `))).toBe(true);
    await expect(request(await locateBody(playback_url))).rejects.toThrow(/invalid header token/i);
  },
);

test('16 stat-unknown: stat says the session is unknown while bytes flow', async () => {
  const engine = await testEngine();
  const { playback_url, stat_url } = await start(engine);
  const reader = await readPlayback(playback_url);
  await reader.untilBody(1000);
  engine.faults.set('stat-unknown');
  expect(await getJson(stat_url)).toEqual({ response: null, error: 'unknown playback session id' });
  await reader.untilBody(reader.bodyBytes + 50_000);
});

test('17 superseded: the playlist answers 403', async () => {
  const engine = await testEngine();
  const { playback_url } = await start(engine, undefined, HLS);
  expect((await fetch(playback_url)).status).toBe(200);
  engine.faults.set('superseded');
  expect((await fetch(playback_url)).status).toBe(403);
});

test.each([false, true])(
  '18 stop-hangs: the stop is never answered, whether it works or not (%s)',
  async (effective) => {
    const engine = await testEngine();
    const { playback_url, command_url } = await start(engine);
    const reader = await readPlayback(playback_url);
    await reader.untilBody(1000);
    engine.faults.set('stop-hangs', { effective });
    const held = rawGet(`${command_url}?method=stop`);
    await delay(100);
    expect(held.bytesReceived).toBe(0);
    expect(engine.state().downloads).toHaveLength(effective ? 0 : 1);

    await engine.faults.clear('stop-hangs');
    await held.ended;
    expect(JSON.parse(held.body.toString())).toEqual({ response: 'ok', error: null });
    expect(engine.state().downloads).toHaveLength(0);
  },
);

test('20 wrong-host: URLs name a host that is not the one asked', async () => {
  const engine = await testEngine();
  engine.faults.set('wrong-host', { host: '172.31.0.9:6878' });
  const { playback_url, stat_url, infohash } = await start(engine);
  expect(playback_url).toMatch(/^http:\/\/172\.31\.0\.9:6878\/ace\/r\//);
  expect(stat_url).toMatch(/^http:\/\/172\.31\.0\.9:6878\//);
  const hop = rawGet(`${engine.url}${new URL(playback_url).pathname}`);
  await hop.ended;
  expect(hop.header('Location')).toMatch(/^http:\/\/172\.31\.0\.9:6878\/content\//);
  // On the engine itself the paths are right.
  const body = rawGet(`${engine.url}${new URL(hop.header('Location')!).pathname}`);
  await body.untilBody(1000);
  expect(engine.state().contents[infohash]?.readers).toBe(1);
});

test.each(['/ace/getstream', HLS])(
  '22 bad-redirect: after %s playback redirects to itself, or to https',
  async (path) => {
    const engine = await testEngine();
    const { playback_url } = await start(engine, undefined, path);
    engine.faults.set('bad-redirect', { kind: 'loop' });
    await expect(fetch(playback_url)).rejects.toThrow();
    const loop = rawGet(playback_url);
    await loop.ended;
    expect(loop.header('Location')).toBe(playback_url);

    engine.faults.set('bad-redirect', { kind: 'https' });
    const https = rawGet(playback_url);
    await https.ended;
    expect([https.status, https.header('Location')?.slice(0, 18)]).toEqual([302, 'https://127.0.0.1:']);
  },
);

test.each(['/ace/getstream', HLS])('23 not-media: after %s playback answers 200 with a page', async (path) => {
  const engine = await testEngine();
  engine.faults.set('not-media');
  const response = await fetch((await start(engine, undefined, path)).playback_url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html');
  expect(await response.text()).toContain('<html>');
});

test('27 on-demand: start and stat say the content is not live', async () => {
  const engine = await testEngine();
  engine.faults.set('on-demand');
  const answer = await start(engine);
  expect(answer.is_live).toBe(0);
  expect((await stat(answer.stat_url)).is_live).toBe(0);
});

test('a fault set for one content leaves the others alone', async () => {
  const engine = await testEngine();
  const { infohash, playback_url } = await start(engine, `id=${CONTENT_ID}&pid=a`);
  engine.faults.set('playback-fails', { infohash: infohash.toUpperCase() });
  expect((await fetch(playback_url)).status).toBe(500);
  const other = await play(engine, `id=${OTHER_CONTENT_ID}&pid=b`);
  await other.untilBody(1000);
  await engine.faults.clear('playback-fails', { infohash });
  await (await readPlayback(playback_url)).untilBody(1000);
});

test('a fault set for one content goes before one set for all', async () => {
  const engine = await testEngine();
  const { infohash, playback_url } = await start(engine, `id=${CONTENT_ID}&pid=a`);
  engine.faults.set('playback-fails', { text: 'for all' });
  engine.faults.set('playback-fails', { text: 'for one', infohash });
  expect(await (await fetch(playback_url)).text()).toBe('for one');
  const other = await start(engine, `id=${OTHER_CONTENT_ID}&pid=b`);
  expect(await (await fetch(other.playback_url)).text()).toBe('for all');
});

test('faults can be set from the start', async () => {
  const engine = await testEngine({ faults: { 'start-error': { times: 1 }, stall: { durationMs: 5 } } });
  expect((await tryStart(engine)).error).toBe('failed to load content');
  expect(engine.faults.list().map(({ name }) => name)).toEqual(['start-error', 'stall']);
  expect((await tryStart(engine)).error).toBeNull();
});

test('a client that leaves a held request is forgotten', async () => {
  const engine = await testEngine();
  engine.faults.set('api-hangs');
  const held = rawGet(`${engine.url}/ace/getstream?id=${CONTENT_ID}`);
  await until('the request hangs', () => engine.faults.list()[0]?.met === 1);
  held.close();
  await until('the connection is gone', () => engine.state().connections === 0);
  await engine.faults.clear();
  await delay(50);
  expect(engine.state().downloads).toEqual([]);
});
