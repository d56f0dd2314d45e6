import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { analyseTs } from '@acestream-orchestrator/engine-simulator/testing';
import { expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { channel, serve } from './serve.ts';

const config = { hlsSource: 'engine', lingerMs: 200 } as const;
const count = (engine: SimulatedEngine, what: 'starts' | 'stops'): number =>
  Object.values(engine.state().contents).reduce((sum, counts) => sum + counts[what], 0);

it.concurrent("plays an engine's own HLS, shows it as a stream, and tells the engine to stop exactly once", async () => {
  await using test = await serve({ config });
  const [engine] = test.engines;
  const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
  for (const { bytes } of await viewer.until(2)) expect(analyseTs(bytes).start).toMatchObject({ pat: 0 });
  expect(viewer.playlist).not.toContain('/ace/c/');
  expect(test.services.streams.active()).toHaveLength(1);
  const { streamKey } = test.services.streams.active()[0]!;
  expect(await test.services.sessions.stop(streamKey)).toBe(true);
  await eventually(() => count(engine!, 'stops') === 1, 10_000);
  await delay(300);
  expect([count(engine!, 'starts'), count(engine!, 'stops')]).toEqual([1, 1]);
  expect(test.services.streams.active()).toHaveLength(0);
  expect(test.services.engines.list().map(({ leases }) => leases)).toEqual([0]);
}, 60_000);

it.concurrent('goes on with another engine when one is killed: a discontinuity, and no sequence number goes back', async () => {
  await using test = await serve({ engines: 2, config: { ...config, probeIntervalMs: 1_000 } });
  const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
  await viewer.until(2);
  expect((await test.get('/streams?status=started')).body).toMatchObject([{ state: 'live', hls: { viewers: 1 } }]);
  const first = test.engines.find((engine) => count(engine, 'starts') > 0)!;
  const seen = viewer.segments.length;
  await first.close();
  await viewer.until(seen + 2, 60_000);
  const numbers = viewer.segments.map(({ sequence }) => sequence);
  expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
  expect(viewer.segments.slice(seen).filter(({ discontinuity }) => discontinuity)).toHaveLength(1);
}, 90_000);

it.concurrent('does not play a content as HLS on the only engine that plays it as MPEG-TS: 503 acquire_timeout', async () => {
  await using test = await serve({ config: { ...config, hlsFirstPlaylistMs: 3_000 } });
  const leave = new AbortController();
  const ts = await fetch(`${test.origin}/ace/getstream?id=${channel(1)}`, { signal: leave.signal });
  expect(ts.status).toBe(200);
  const answer = await fetch(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
  expect([answer.status, await answer.json()]).toMatchObject([503, { error: { code: 'acquire_timeout' } }]);
  expect(count(test.engines[0]!, 'starts')).toBe(1);
  leave.abort();
}, 30_000);

it.concurrent('tells the event log and the diagnosis of an engine that was lost, and of the one that took over', async () => {
  await using test = await serve({ engines: 2, config: { ...config, probeIntervalMs: 1_000 } });
  const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
  await viewer.until(2);
  const first = test.engines.find((engine) => count(engine, 'starts') > 0)!;
  const second = test.engines.find((engine) => engine !== first)!;
  await first.close();
  await viewer.until(viewer.segments.length + 1, 60_000);
  const { body } = await test.get<{ category: string; details: object }[]>('/events?event_type=stream');
  const [recovered] = body.filter(({ category }) => category === 'recovered');
  const [from, to] = [first, second].map(({ port }) => `127.0.0.1:${port}`);
  expect(recovered).toMatchObject({ details: { from, to, splice: 'cut' } });
  expect(body.filter(({ category }) => category === 'source_ended')).toHaveLength(1);
  const diagnosis = await test.get<{ tries: unknown[] }>(`/diagnose?id=${channel(1)}`);
  expect(diagnosis.body.tries).toMatchObject([
    { kind: 'recovery', outcome: 'played' },
    { kind: 'start', outcome: 'played' },
  ]);
}, 90_000);

it.concurrent('gives the place of a session that nobody waits for any more to whoever needs one', async () => {
  await using test = await serve({ config: { ...config, lingerMs: 60_000, streamsPerEngine: 1 } });
  const [engine] = test.engines;
  engine!.faults.set('playback-hangs');
  const leave = new AbortController();
  const left = fetch(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`, { signal: leave.signal });
  await eventually(() => count(engine!, 'starts') === 1, 10_000);
  leave.abort();
  await expect(left).rejects.toThrow();
  engine!.faults.clear('playback-hangs');
  const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(2)}`);
  await viewer.until(1);
  expect([count(engine!, 'starts'), count(engine!, 'stops')]).toEqual([2, 1]);
}, 60_000);

it.concurrent('gives the place of a session at once to whoever waits for it already when its last player leaves', async () => {
  const patience = { startTimeoutMs: 40_000, hlsFirstPlaylistMs: 40_000 };
  await using test = await serve({ config: { ...config, ...patience, lingerMs: 60_000, streamsPerEngine: 1 } });
  const [engine] = test.engines;
  engine!.faults.set('playback-hangs');
  const leave = new AbortController();
  const left = fetch(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`, { signal: leave.signal });
  left.catch(() => {});
  await eventually(() => count(engine!, 'starts') === 1, 10_000);
  const waiting = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(2)}`);
  const played = waiting.until(1);
  await eventually(() => test.services.engines.capacity().waiting === 1, 10_000);
  await delay(500);
  expect(count(engine!, 'stops')).toBe(0);
  leave.abort();
  engine!.faults.clear('playback-hangs');
  await eventually(() => count(engine!, 'stops') === 1, 10_000);
  await played;
  expect([count(engine!, 'starts'), count(engine!, 'stops')]).toEqual([2, 1]);
}, 60_000);

it.concurrent('plays the best variant of a master playlist, once an engine that answers 500 has prebuffered', async () => {
  const infohash = 'b'.repeat(40);
  const answered: number[] = [];
  let opened = 0;
  const engine = createServer((request, response) => {
    const url = new URL(request.url!, `http://${request.headers.host}`);
    const json = (value: unknown): unknown => response.end(JSON.stringify(value));
    const at = (what: string): string => `${url.origin}/ace/${what}/${infohash}/k`;
    if (url.pathname === '/ace/manifest.m3u8') {
      opened++;
      const urls = { playback_url: `${at('m')}.m3u8`, stat_url: at('stat'), command_url: at('cmd') };
      json({ response: { ...urls, infohash, playback_session_id: 's', is_live: 1 }, error: null });
    } else if (url.pathname.startsWith('/ace/cmd/')) json({ response: 'ok', error: null });
    else if (url.pathname.endsWith('/k.m3u8')) {
      response.statusCode = answered.length < 2 ? 500 : 200;
      answered.push(response.statusCode);
      const variants = [1, 3, 2].map((n) => `#EXT-X-STREAM-INF:BANDWIDTH=${n}000000\nv${n}.m3u8?v=${n}`);
      response.end(['#EXTM3U', ...variants, ''].join('\n'));
    } else if (url.pathname.endsWith('.m3u8')) {
      const lines = [0, 1, 2].flatMap((n) => ['#EXTINF:1.0,', `${url.searchParams.get('v')}-${n}.ts`]);
      response.end(['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-MEDIA-SEQUENCE:0', ...lines, ''].join('\n'));
    } else if (url.pathname.endsWith('.ts')) response.end(url.pathname.split('/').at(-1));
    else json({ result: { version: '3.2.3', connected: true }, error: null });
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  {
    const engineUrls = [`http://127.0.0.1:${(engine.address() as AddressInfo).port}`];
    await using test = await serve({ engineUrls, config });
    const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
    const segments = await viewer.until(3);
    expect(segments.map(({ bytes }) => bytes.toString())).toEqual(['3-0.ts', '3-1.ts', '3-2.ts']);
    // Opened anew, it would have prebuffered anew.
    expect([opened, answered]).toEqual([1, [500, 500, 200]]);
    expect(test.services.engines.list()).toMatchObject([{ penalties: 0, leases: 1 }]);
  }
  engine.closeAllConnections();
  engine.close();
}, 30_000);

it.concurrent('brings every segment of a window that moves by 3, its key and map, whatever its URIs look like', async () => {
  const infohash = 'a'.repeat(40);
  let loads = 0;
  let stops = 0;
  const engine = createServer((request, response) => {
    const url = new URL(request.url!, `http://${request.headers.host}`);
    const json = (value: unknown): unknown => response.end(JSON.stringify(value));
    if (url.pathname === '/ace/manifest.m3u8') {
      // As engines do behind Docker: an address that leads nowhere from here.
      const at = (what: string): string => `http://192.0.2.1:6878/ace/${what}/${infohash}/k`;
      const urls = { playback_url: `${at('m')}.m3u8`, stat_url: at('stat'), command_url: at('cmd') };
      json({ response: { ...urls, infohash, playback_session_id: 's', is_live: 1 }, error: null });
    } else if (url.pathname.startsWith('/ace/cmd/')) {
      stops++;
      json({ response: 'ok', error: null });
    } else if (url.pathname.startsWith('/ace/m/')) {
      const from = 3 * loads++;
      const segment = (n: number): string =>
        [`../../c/${n}.ts?n=${n}&x=1`, `/c/${n}.ts`, `${url.origin}/c/${n}.ts`][n % 3]!;
      const lines = [0, 1, 2].flatMap((n) => ['#EXTINF:1.0,', segment(from + n)]);
      const head = ['#EXTM3U', '#EXT-X-VERSION:6', '#EXT-X-TARGETDURATION:1', `#EXT-X-MEDIA-SEQUENCE:${from}`];
      const tags = ['#EXT-X-KEY:METHOD=AES-128,URI="/key?k=1"', '#EXT-X-MAP:URI="../../init.mp4?m=1"'];
      response.setHeader('content-type', 'application/vnd.apple.mpegurl');
      response.end([...head, ...tags, ...lines, ''].join('\n'));
    } else if (url.pathname === '/key') response.end('k'.repeat(16));
    else if (url.pathname.endsWith('init.mp4')) response.end('init');
    else if (url.pathname.includes('/c/')) response.end(`segment ${/(\d+)\.ts/.exec(url.pathname)![1]}`);
    else json({ result: { version: '3.2.3', connected: true }, error: null });
  });
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
  {
    const engineUrls = [`http://127.0.0.1:${(engine.address() as AddressInfo).port}`];
    await using test = await serve({ engineUrls, config });
    const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
    const segments = await viewer.until(9);
    expect(segments.map(({ bytes }) => bytes.toString())).toEqual(segments.map((_, n) => `segment ${n}`));
    const [, keyUri] = /#EXT-X-KEY:.*URI="([^"]+)"/.exec(viewer.playlist)!;
    const [, mapUri] = /#EXT-X-MAP:.*URI="([^"]+)"/.exec(viewer.playlist)!;
    expect((await viewer.fetch(keyUri!)).toString()).toBe('k'.repeat(16));
    expect((await viewer.fetch(mapUri!)).toString()).toBe('init');
    expect(viewer.playlist).not.toMatch(/https?:|\?/);
  }
  expect(stops).toBe(1);
  engine.closeAllConnections();
  engine.close();
}, 30_000);
