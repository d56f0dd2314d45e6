import { connect } from 'node:net';
import { resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { SegmentChecker } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { Player } from './player.ts';
import { channel, content, key, serve, type TestServer } from './serve.ts';

const manifest = (test: TestServer, digit = 1, query = ''): string =>
  `${test.origin}/ace/manifest.m3u8?id=${channel(digit)}${query}`;

const starts = (test: TestServer): number =>
  test.engines
    .flatMap((engine) => Object.values(engine.state().contents))
    .reduce((sum, { starts: count }) => sum + count, 0);
const stops = (test: TestServer): number =>
  test.engines
    .flatMap((engine) => Object.values(engine.state().contents))
    .reduce((sum, { stops: count }) => sum + count, 0);

/** Engines that have enough of the past for a first playlist at once. */
const burst = { burstMs: 20_000 };
const fast = { hlsTargetDurationSeconds: 2, lingerMs: 500 };

describe('HLS', () => {
  it.each([
    [1, 'video'],
    [8, 'radio'],
  ])('channel %i (%s): every segment is right by its bytes, and time goes on from one to the next', async (digit) => {
    // All of the burst stays in the window, however long the first load takes.
    await using test = await serve({ engines: [burst], config: { ...fast, hlsWindowSegments: 20 } });
    const viewer = new HlsViewer(manifest(test, digit));
    const checker = new SegmentChecker();
    for (const segment of await viewer.until(8)) checker.push(segment);
    expect(checker.finish()).toMatchObject({ faults: [], discontinuities: [] });
    expect(viewer.playlist).toContain('#EXT-X-TARGETDURATION:2');
  });

  it('the first two viewers share one session, and with a player of MPEG-TS one engine session', async () => {
    await using test = await serve({ engines: [burst, burst], config: fast });
    const viewers = [new HlsViewer(manifest(test)), new HlsViewer(manifest(test), { 'user-agent': 'another' })];
    using player = new Player(`${test.origin}/ace/getstream?id=${channel(1)}`);
    await Promise.all([...viewers.map((viewer) => viewer.until(3)), player.more()]);
    expect(viewers[0]!.url).not.toBe(viewers[1]!.url);
    expect(viewers[0]!.segments[2]!.bytes.equals(viewers[1]!.segments[2]!.bytes)).toBe(true);
    expect(starts(test)).toBe(1);
  });

  it('a content by its infohash is cut from the stream that plays it by its id', async () => {
    await using test = await serve({ engines: [burst, burst], config: fast });
    using player = new Player(`${test.origin}/ace/getstream?id=${channel(1)}`);
    await player.more();
    const { body } = await test.get<{ infohash: string }[]>('/streams');
    const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?infohash=${body[0]!.infohash.toUpperCase()}`);
    await viewer.until(2);
    expect(starts(test)).toBe(1);
    expect((await test.get<{ clients: number }[]>('/streams')).body[0]!.clients).toBe(2);
  });

  it('both names at the same moment still make one engine session', async () => {
    await using test = await serve({ engines: [burst, burst], config: fast });
    const { infohash } = resolveContentId(channel(1))!;
    const viewers = [
      new HlsViewer(manifest(test)),
      new HlsViewer(`${test.origin}/ace/manifest.m3u8?infohash=${infohash}`),
    ];
    await Promise.all(viewers.map((viewer) => viewer.until(2)));
    const running = (await test.get<{ clients: number }[]>('/streams?status=started')).body;
    expect(running).toMatchObject([{ clients: 2 }]);
  });

  it('waiting for a playlist blocks nobody, and when none comes the answer says when to come back', async () => {
    const config = { ...fast, hlsFirstPlaylistMs: 2_500 };
    await using test = await serve({ engines: [{ startDelayMs: 60_000 }], config });
    let answered = false;
    const asked = fetch(manifest(test)).finally(() => {
      answered = true;
    });
    await eventually(() => test.engines[0]!.requests().some(({ target }) => target.startsWith('/ace/')));
    expect((await test.get('/healthz')).status).toBe(200);
    expect(answered).toBe(false);
    const answer = await asked;
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('2');
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(await answer.json()).toMatchObject({ error: { code: 'not_ready', retryable: true } });
    await eventually(async () => (await test.get<unknown[]>('/streams?status=started')).body.length === 0);
  });

  it('an engine’s refusal reaches the player as it would for MPEG-TS', async () => {
    await using test = await serve({ config: fast });
    test.engines[0]!.faults.set('start-error', { message: 'failed to load content' });
    const answer = await fetch(manifest(test));
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ error: { code: 'content_dead' } });
    expect((await fetch(`${test.origin}/ace/manifest.m3u8`)).status).toBe(400);
  });

  it('a viewer that comes back after the end goes on under its URL, with higher numbers', async () => {
    await using test = await serve({ engines: [burst], config: fast });
    const viewer = new HlsViewer(manifest(test));
    await viewer.until(3);
    const [{ id }] = (await test.get<[{ id: string }]>('/streams')).body;
    const stopped = await test.request(`/streams/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      headers: { 'x-api-key': key },
    });
    expect(stopped.body).toMatchObject({ stopped: true });
    expect([starts(test), stops(test)]).toEqual([1, 1]);
    const lastNumber = viewer.segments.at(-1)!.sequence;
    const before = viewer.segments.length;
    await viewer.until(before + 2);
    const [first, ...rest] = viewer.segments.slice(before);
    expect(first!.sequence).toBeGreaterThan(lastNumber);
    expect(first!.discontinuity).toBe(true);
    expect(rest.every(({ discontinuity }) => !discontinuity)).toBe(true);
    expect(starts(test)).toBe(2);
  });

  it('a segment that has just left the playlist is served, one that is long gone or never was is 404', async () => {
    await using test = await serve({ engines: [burst], config: { ...fast, hlsTargetDurationSeconds: 2 } });
    const viewer = new HlsViewer(manifest(test));
    await viewer.poll();
    const [name] = viewer.playlist.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    await eventually(async () => !(await viewer.load()).includes(name!), 20_000);
    expect((await viewer.fetch(name!)).length).toBeGreaterThan(1_000);
    const gone = await fetch(new URL('999999.ts', viewer.url));
    expect([gone.status, await gone.json()]).toMatchObject([404, { error: { code: 'segment_not_found' } }]);
  }, 40_000);

  it('nothing a player sends is fetched: only names of our own playlists mean anything', async () => {
    await using test = await serve({ engines: [burst], config: fast });
    const viewer = new HlsViewer(manifest(test));
    await viewer.load();
    const requests = test.engines[0]!.requests().length;
    const foreign = encodeURIComponent('http://127.0.0.1:1/secret');
    for (const path of [foreign, `%2e%2e%2f${foreign}`, `x?url=${foreign}`, '..%2f..%2fetc%2fpasswd']) {
      expect((await fetch(new URL(path, viewer.url))).status).toBe(404);
    }
    expect(test.engines[0]!.requests().length).toBe(requests);
  });

  it('a token of its own is enough for a viewer, and nothing else is', async () => {
    await using test = await serve({ engines: [burst], config: { ...fast, authPlayback: 'key' } });
    expect((await fetch(manifest(test))).status).toBe(401);
    const viewer = new HlsViewer(manifest(test, 1, `&token=${key}`));
    expect((await viewer.until(2)).length).toBeGreaterThanOrEqual(2);
    expect(viewer.url).not.toContain(key);
    expect(viewer.playlist).not.toContain(key);
    const [, slug = '', token = ''] = /hls\/([^/]+)\/([^/]+)\//.exec(viewer.url) ?? [];
    const forged = viewer.url.replace(token, 'A'.repeat(token.length));
    expect((await fetch(forged)).status).toBe(404);
    expect((await fetch(viewer.url.replace(slug, 'other'))).status).toBe(404);
    expect(JSON.stringify(test.logs)).not.toContain(token);
    const { body } = await test.get(`/proxy/streams/${channel(1)}/clients`);
    expect(JSON.stringify(body)).not.toContain(token);
  });

  it('every URL is relative, so that it is right under any base path and behind any proxy', async () => {
    await using test = await serve({ engines: [burst], config: fast });
    const first = await fetch(manifest(test), { redirect: 'manual' });
    expect(first.status).toBe(302);
    expect(first.headers.get('location')).toMatch(/^hls\/[\w-]+\/[\w-]+\/index\.m3u8$/);
    const viewer = new HlsViewer(manifest(test));
    const playlist = await viewer.load();
    expect(playlist).not.toMatch(/https?:|^\//m);
  });

  it('HEAD starts nothing, and OPTIONS lets pages of other sites play', async () => {
    await using test = await serve({ engines: [burst], config: fast });
    const head = await fetch(manifest(test), { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'application/vnd.apple.mpegurl']);
    for (const path of ['/ace/manifest.m3u8', '/ace/hls/x/y/index.m3u8']) {
      const options = await fetch(test.origin + path, { method: 'OPTIONS' });
      expect([options.status, options.headers.get('access-control-allow-origin')]).toEqual([204, '*']);
    }
    expect(starts(test)).toBe(0);
    const viewer = new HlsViewer(manifest(test));
    await viewer.load();
    const again = await fetch(viewer.url, { method: 'HEAD' });
    expect([again.status, await again.text()]).toEqual([200, '']);
  });

  it('low-latency tags come when asked for, and reloads that wait are answered by the next part', async () => {
    await using test = await serve({ engines: [{ ...burst, lagMs: 200 }], config: fast });
    const viewer = new HlsViewer(manifest(test, 1, '&ll=1'));
    expect(await new HlsViewer(manifest(test), { 'user-agent': 'plain' }).load()).not.toContain('EXT-X-PART');
    const playlist = await viewer.load('?ll=1');
    expect(playlist).toContain('#EXT-X-PART-INF:PART-TARGET=0.35');
    expect(playlist).toContain('CAN-BLOCK-RELOAD=YES');
    const sequence = Number(/MEDIA-SEQUENCE:(\d+)/.exec(playlist)![1]);
    const next = sequence + playlist.split('#EXTINF').length;
    expect(await viewer.load(`?ll=1&_HLS_msn=${next}&_HLS_part=0`)).toContain('EXT-X-PRELOAD-HINT');
    expect((await fetch(`${viewer.url}?_HLS_msn=x`)).status).toBe(400);
  });

  it('an engine that dies leaves a discontinuity exactly where the next one could not continue exactly', async () => {
    await using test = await serve({ engines: [burst, burst], config: fast });
    const viewer = new HlsViewer(manifest(test));
    await viewer.until(2);
    const playing = test.engines.find((engine) => Object.keys(engine.state().contents).length > 0)!;
    playing.faults.set('crash', { restartAfterMs: 60_000 });
    const splices = await eventually(async () => {
      await viewer.poll();
      const { body } = await test.get<{ splices: { splice: string }[] }[]>('/streams');
      return body[0]?.splices.length === 1 && body[0].splices;
    }, 20_000);
    const checker = new SegmentChecker();
    for (const segment of await viewer.until(viewer.segments.length + 3)) checker.push(segment);
    const { faults, discontinuities } = checker.finish();
    expect(faults).toEqual([]);
    expect(discontinuities).toHaveLength(splices.filter(({ splice }) => splice !== 'exact').length);
  }, 60_000);

  it('viewers, window and hits are told, and both operations are timed', async () => {
    await using test = await serve({ engines: [burst], config: fast });
    const viewer = new HlsViewer(manifest(test), { 'user-agent': 'tester' });
    await viewer.until(4);
    for (let poll = 0; poll < 3; poll++) await viewer.poll();
    const { body: streams } = await test.get<Record<string, unknown>[]>('/streams');
    expect(streams[0]).toMatchObject({
      clients: 1,
      hls: { viewers: 1, target_duration_seconds: 2, segments: expect.any(Number), lost_segments: 0 },
    });
    const { body: clients } = await test.get(`/proxy/streams/${channel(1)}/clients`);
    expect(clients).toMatchObject({
      clients: [
        {
          ...{ protocol: 'hls', low_latency: false, user_agent: 'tester', ip_address: '127.0.0.1' },
          ...{ lag_ms: expect.any(Number), skips: 0, bytes_sent: expect.any(Number) },
        },
      ],
    });
    const metrics = await (await fetch(`${test.origin}/metrics`)).text();
    expect(metrics).toMatch(/^orch_hls_viewers 1$/m);
    expect(metrics).toMatch(/^orch_hls_segment_hits_total [1-9]/m);
    expect(metrics).toMatch(/^orch_stream_hls_window_seconds\{.*\} [1-9]/m);
    const { body } = await test.get<{ operations: Record<string, { count: number; success_rate: number }> }>(
      '/metrics/performance',
    );
    for (const name of ['hls_manifest_generation', 'hls_segment_fetch']) {
      expect(body.operations[name]).toMatchObject({ success_rate: 100 });
      expect(body.operations[name]!.count).toBeGreaterThan(2);
    }
  });

  it('a viewer that leaves while it waits for the first playlist leaves nothing behind', async () => {
    await using test = await serve({ engines: [{ startDelayMs: 3_000 }], config: fast });
    const { port } = new URL(test.origin);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET /ace/manifest.m3u8?id=${content(1)} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await eventually(() => starts(test) === 1);
    socket.destroy();
    await eventually(() => stops(test) === 1);
    expect(starts(test)).toBe(1);
  });
});
