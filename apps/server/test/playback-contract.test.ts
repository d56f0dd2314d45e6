import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { analyseTs } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, serve } from './serve.ts';

const path = (query: string): string => `/ace/getstream?${query}`;
const streamHeaders = {
  'content-type': 'video/mp2t',
  'cache-control': 'no-store',
  'accept-ranges': 'none',
  'access-control-allow-origin': '*',
  'x-accel-buffering': 'no',
  connection: 'close',
};

describe('GET /ace/getstream', () => {
  it('answers with the headers of a live stream, then with packets from a PAT, a PMT and a keyframe on', async () => {
    await using test = await serve();
    using player = new Player(test.origin + path(`id=${channel(1)}`));
    const { statusCode, headers } = await player.response;
    expect(statusCode).toBe(200);
    expect(headers).toMatchObject(streamHeaders);
    expect(headers).not.toHaveProperty('content-length');
    expect(headers).not.toHaveProperty('transfer-encoding');
    await player.more(400_000);
    const report = analyseTs(Buffer.concat(player.chunks));
    expect(report.start.decodable).toBe(true);
    expect(report.leadingBytes).toBe(0);
    expect(report.bytesToFirstKeyframe).toBeLessThan(200_000);
    expect(report.continuityErrors).toEqual([]);
  });

  it.each(['1.0', '1.1'])('ends the body with the connection for HTTP/%s, without framing', async (version) => {
    await using test = await serve();
    const socket = connect(Number(new URL(test.origin).port), '127.0.0.1');
    socket.write(
      `GET ${path(`id=${channel(1)}`)} HTTP/${version}\r\nHost: a\r\nRange: bytes=0-\r\nIcy-MetaData: 1\r\n\r\n`,
    );
    let received = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
    });
    await eventually(() => received.length > 100_000);
    const headEnd = received.indexOf('\r\n\r\n');
    const head = received.subarray(0, headEnd).toString();
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head).not.toMatch(/transfer-encoding|content-length|content-range|icy-/i);
    expect(received[headEnd + 4]).toBe(0x47);
    expect(received[headEnd + 4 + 188]).toBe(0x47);
    socket.destroy();
  });

  it('ignores Range, pid and parameters it does not know', async () => {
    await using test = await serve();
    const url = `${test.origin}${path(`id=${channel(1)}&pid=player-1&transcode_audio=1`)}`;
    using player = new Player(url, { headers: { range: 'bytes=1000-' } });
    expect(await player.status()).toBe(200);
    await player.more();
    expect(test.engines[0]!.requests().some(({ target }) => target.includes('player-1'))).toBe(false);
  });

  it('reads an engine with an engine’s manners: identity, one connection, a random player id', async () => {
    await using test = await serve();
    using player = new Player(test.origin + path(`id=${channel(1)}`));
    await player.more();
    const requests = test.engines[0]!.requests();
    const start = requests.find(({ target }) => target.startsWith('/ace/getstream'))!;
    expect(new URL(start.target, 'http://e').searchParams.get('pid')).toMatch(/^[0-9a-f]{32}$/);
    const content = requests.find(({ target }) => target.startsWith('/content/'))!;
    expect(content.headers).toMatchObject({ 'accept-encoding': 'identity', connection: 'close' });
    expect(requests.some(({ method }) => method === 'HEAD')).toBe(false);
  });

  it.each([
    ['', 'bad_content', 'No content is named'],
    ['id=&infohash=', 'bad_content', 'No content is named'],
    [`id=${channel(1)}&infohash=${channel(2)}`, 'bad_content', 'Several contents are named'],
    [`id=${channel(1)}&id=${channel(2)}`, 'bad_input', 'id: is given more than once'],
    ['id=xyz', 'bad_content', 'not 40 hexadecimal digits'],
    [`id=${channel(1)}&file_index=-1`, 'bad_content', 'file_index'],
    [`id=${channel(1)}&format=avi`, 'bad_input', 'format'],
  ])('answers 400 to "%s"', async (query, code, message) => {
    await using test = await serve({ engines: 0, config: { engineUrls: [{ host: '127.0.0.1', port: 1 }] } });
    const { status, body } = await test.get<{ error: Record<string, unknown>; detail: string }>(path(query));
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code, retryable: false, request_id: expect.any(String) });
    expect(body.error['message']).toContain(message);
    expect(body.detail).toBe(body.error['message']);
  });

  it('sends a player that wants HLS to the playlist, with all it asked for', async () => {
    await using test = await serve();
    const ask = async (method: string, query: string) => {
      const answer = await fetch(test.origin + path(query), { method, redirect: 'manual' });
      return [answer.status, answer.headers.get('location')];
    };
    const location = `manifest.m3u8?id=${channel(1)}&token=secret`;
    expect(await ask('GET', `id=${channel(1)}&format=hls&token=secret`)).toEqual([403, null]);
    expect(await ask('GET', `id=${channel(1)}&format=hls&ll=1`)).toEqual([302, `manifest.m3u8?id=${channel(1)}&ll=1`]);
    expect(await ask('HEAD', `id=${channel(1)}&format=hls`)).toEqual([302, location.split('&')[0]]);
    expect(Object.keys(test.engines[0]!.state().contents)).toEqual([]);
  });

  it('sends every player there when the server is set to HLS, unless it wants MPEG-TS', async () => {
    await using test = await serve({ config: { streamFormat: 'hls' } });
    const hls = await fetch(test.origin + path(`id=${channel(1)}`), { redirect: 'manual' });
    expect(hls.status).toBe(302);
    using player = new Player(test.origin + path(`id=${channel(1)}&format=ts`));
    expect(await player.status()).toBe(200);
  });
});

describe('the wait for the first byte', () => {
  it('holds the status back until bytes come, when they come soon', async () => {
    await using test = await serve({ engines: [{ startDelayMs: 300 }], config: { statusHoldMs: 2_000 } });
    using player = new Player(test.origin + path(`id=${channel(1)}`));
    await player.response;
    expect(performance.now() - player.askedMs).toBeGreaterThan(290);
    await player.more();
  });

  it('sends 200 after the hold, and the body when there is one', async () => {
    await using test = await serve({ engines: [{ startDelayMs: 3_000 }], config: { statusHoldMs: 200 } });
    using player = new Player(test.origin + path(`id=${channel(1)}`));
    expect(await player.status()).toBe(200);
    expect(performance.now() - player.askedMs).toBeLessThan(2_900);
    expect(player.bytes).toBe(0);
    await player.more();
    expect(player.chunks[0]![0]).toBe(0x47);
  });

  it('ends with an error before the status when no engine answers in time', async () => {
    await using test = await serve({ config: { startTimeoutMs: 1_600 } });
    test.engines[0]!.faults.set('api-hangs', { endpoints: ['start'] });
    using player = new Player(test.origin + path(`id=${channel(1)}`));
    expect(await player.status()).toBe(504);
    expect(performance.now() - player.askedMs).toBeLessThan(10_000);
    expect(await player.json()).toMatchObject({ error: { code: 'engine_hung', retryable: true } });
  });

  it('closes the connection after the whole wait when 200 was said already', async () => {
    await using test = await serve({ config: { statusHoldMs: 100, firstByteTimeoutMs: 600, startTimeoutMs: 500 } });
    test.engines[0]!.faults.set('playback-hangs');
    using player = new Player(test.origin + path(`id=${channel(1)}`));
    expect(await player.status()).toBe(200);
    await player.ended;
    expect(player.bytes).toBe(0);
    expect(performance.now() - player.askedMs).toBeLessThan(10_000);
    await eventually(async () => (await test.get<{ leases: number }[]>('/engines')).body[0]?.leases === 0);
  });

  it('starts a radio of 128 kbit/s with its first bytes, not after so many', async () => {
    await using test = await serve({ engines: [{ burstMs: 500 }] });
    using player = new Player(test.origin + path(`id=${channel(8)}`));
    await player.more(188);
    // A buffer of a megabyte would take a minute to fill.
    expect(performance.now() - player.askedMs).toBeLessThan(8_000);
  });
});

describe('HEAD and OPTIONS', () => {
  it('HEAD answers with the same headers and touches no engine', async () => {
    await using test = await serve();
    const before = test.engines[0]!.requests().length;
    const response = await fetch(test.origin + path(`id=${channel(1)}`), { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject(streamHeaders);
    expect(response.headers.has('content-length')).toBe(false);
    await delay(100);
    expect(test.engines[0]!.requests().length).toBe(before);
    expect((await test.get<unknown[]>('/streams')).body).toEqual([]);
  });

  it('HEAD says 400 to what GET would', async () => {
    await using test = await serve();
    expect((await fetch(test.origin + path('id=xyz'), { method: 'HEAD' })).status).toBe(400);
  });

  it('OPTIONS answers 204 to browsers', async () => {
    await using test = await serve();
    const response = await fetch(test.origin + path(''), { method: 'OPTIONS', headers: { origin: 'http://x' } });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toContain('GET');
  });

  it('errors can be read by browsers, too, those of the guard included', async () => {
    await using test = await serve({ config: { authPlayback: 'key', authMaxFailures: 1 } });
    const ask = async (target: string, shown = '') => {
      const { status, headers } = await test.get(`${target}${shown}`, { origin: 'https://tv.example.org' });
      return [status, headers.get('access-control-allow-origin'), headers.get('access-control-expose-headers')];
    };
    const read = ['*', 'retry-after'];
    expect(await ask(path('id=xyz'), '&token=key-of-the-tests')).toEqual([400, ...read]);
    const targets = [path('id=xyz'), '/ace/manifest.m3u8?id=xyz', '/modify_m3u?m3u_url=x'];
    for (const target of targets) expect(await ask(target)).toEqual([401, ...read]);
    expect(await ask(path('id=xyz'), '&token=x')).toEqual([403, ...read]);
    for (const target of targets) expect(await ask(target, '&token=x')).toEqual([429, ...read]);
    expect(await ask('/ace/hls/x/y/index.m3u8')).toEqual([404, ...read]);
    expect(await ask('/streams/xyz')).toEqual([404, null, null]);
  });
});

describe('the error contract', () => {
  it('holds for what is not there', async () => {
    await using test = await serve();
    const { status, headers, body } = await test.get('/ace/nothing?token=secret');
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(body).toEqual({
      error: {
        code: 'not_found',
        message: 'There is nothing at GET /ace/nothing.',
        retryable: false,
        request_id: expect.any(String),
      },
      detail: 'There is nothing at GET /ace/nothing.',
    });
  });

  it('holds for bodies that are no JSON, too large, or of another shape', async () => {
    await using test = await serve();
    const post = (body: string, type = 'application/json') =>
      test.request('/streams/batch-stop', {
        method: 'POST',
        body,
        headers: { 'content-type': type, 'x-api-key': 'key-of-the-tests' },
      });
    expect((await post('{')).body).toMatchObject({ error: { request_id: expect.any(String) } });
    expect((await post('{')).status).toBe(400);
    expect((await post('{"a":1}')).body).toMatchObject({ error: { code: 'bad_input' } });
    expect((await post(JSON.stringify(['x'.repeat(2_000_000)]))).status).toBe(413);
    expect((await post('a', 'text/csv')).status).toBe(415);
  });

  it('holds for URLs that cannot be decoded', async () => {
    await using test = await serve();
    const { status, body } = await test.get('/streams/%E0%A4%A');
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { request_id: expect.any(String) }, detail: expect.any(String) });
  });

  it.each([
    ['what is no HTTP at all', 'HELLOBG version=4'],
    ['HTTP/1.1 without a host', 'GET /version HTTP/1.1\r\nConnection: close'],
  ])('holds for %s', async (_what, head) => {
    await using test = await serve();
    const socket = connect(Number(new URL(test.origin).port), '127.0.0.1');
    socket.write(`${head}\r\n\r\n`);
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({ error: { code: 'bad_request' } });
  });

  it.each([
    ['a player of HTTP/1.0 that names no host', 'GET /version HTTP/1.0'],
    ['a client that expects what nobody knows', 'GET /version HTTP/1.1\r\nHost: a\r\nExpect: tea\r\nConnection: close'],
  ])('does not hold %s up', async (_who, head) => {
    await using test = await serve();
    const socket = connect(Number(new URL(test.origin).port), '127.0.0.1');
    socket.write(`${head}\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  });

  it('holds for a body in a coding that is not taken off', async () => {
    await using test = await serve();
    for (const path of ['/tokens', '/modify_m3u']) {
      const headers = {
        'x-api-key': 'key-of-the-tests',
        'content-encoding': 'gzip',
        'content-type': 'application/json',
      };
      const { status, body } = await test.request(path, { method: 'POST', headers, body: '{}' });
      expect([status, body]).toMatchObject([415, { error: { code: 'unsupported_media_type' } }]);
    }
  });
});
