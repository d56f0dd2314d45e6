import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HlsViewer } from './hls-viewer.ts';
import { Player } from './player.ts';
import { key, serve, type TestServer } from './serve.ts';

/** What players, playlists and scripts send that is not what they mean, and does no harm. */
const id = 'a1b2c3d4e5'.repeat(4);
const shouted = id.toUpperCase();
const withKey = { 'x-api-key': key };

let test: TestServer;
beforeAll(async () => {
  test = await serve({ engines: [{ burstMs: 20_000 }], config: { hlsTargetDurationSeconds: 2 } });
});
afterAll(() => test[Symbol.asyncDispose]());

/** The stream that a player gets, by its content. */
async function played(target: string): Promise<unknown> {
  using player = new Player(test.origin + target);
  if ((await player.status()) !== 200) return [await player.status(), await player.json()];
  await player.more();
  const { body } = await test.get<{ key: string; clients: number }[]>('/streams?status=started');
  return body.map(({ key: content }) => content);
}

async function location(target: string): Promise<unknown[]> {
  const { status, headers } = await fetch(test.origin + target, { redirect: 'manual' });
  const to = headers.get('location');
  return [status, to === null ? null : new URL(to, test.origin + target).href.slice(test.origin.length)];
}

describe('a content plays', () => {
  it.each([
    ['in upper case', `/ace/getstream?id=${shouted}`],
    ['under names in another case', `/ace/getstream?ID=${id}&Format=TS`],
    ['with blanks around it', `/ace/getstream?id=%20${id}%20&format=%20ts`],
    ['given twice', `/ace/getstream?id=${id}&id=${id}&format=ts&format=ts`],
    ['beside parameters without a value', `/ace/getstream?infohash=&id=${id}&url=&format=&token=&file_index=`],
    ['as a link, not escaped', `/ace/getstream?id=acestream://${shouted}`],
    ['as a link with a title', `/ace/getstream?id=${encodeURIComponent(`acestream://${id}?name=News=1`)}`],
    ['with a slash before the question mark', `/ace/getstream/?id=${id}`],
    ['with a slash too many', `//ace//getstream?id=${id}`],
  ])('%s', async (_how, target) => {
    expect(await played(target)).toEqual([id]);
  });

  it('by an infohash in upper case, in the same session as in lower case', async () => {
    const { body } = await test.get<{ infohash: string }[]>('/streams');
    expect(await played(`/ace/getstream?infohash=${body[0]!.infohash.toUpperCase()}`)).toEqual([id]);
  });

  it('not when two are named', async () => {
    const answers = await Promise.all([
      test.get(`/ace/getstream?id=${id}&id=${'f'.repeat(40)}`),
      test.get(`/ace/getstream?id=${id}&ID=${'f'.repeat(40)}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  });
});

describe('the format', () => {
  it.each(['HLS', 'Hls', '%20hls', 'hls&format=hls', '&FORMAT=hls'])('may be written format=%s', async (format) => {
    expect(await location(`/ace/getstream?id=${id}&format=${format}`)).toEqual([302, `/ace/manifest.m3u8?id=${id}`]);
  });

  it('is the one of the server when it is empty', async () => {
    await using hls = await serve({ config: { streamFormat: 'hls' } });
    const { status } = await fetch(`${hls.origin}/ace/getstream?id=${id}&format=`, { redirect: 'manual' });
    expect(status).toBe(302);
    const head = await fetch(`${hls.origin}/ace/getstream?id=${id}&format=TS`, { method: 'HEAD', redirect: 'manual' });
    expect(head.status).toBe(200);
  });

  it('must be one that there is', async () => {
    const { status, body } = await test.get(`/ace/getstream?id=${id}&format=avi`);
    expect([status, body]).toMatchObject([400, { error: { code: 'bad_input' } }]);
  });
});

describe('a playlist', () => {
  it.each([`/ace/manifest.m3u8/?id=${id}`, `/ace/getstream/?id=${id}&format=hls`])(
    'is found from %s, behind a slash',
    async (target) => {
      const viewer = new HlsViewer(test.origin + target);
      await viewer.until(1);
      expect(new URL(viewer.url).pathname).toMatch(/^\/ace\/hls\/[\w-]+\/[\w-]+\/index\.m3u8$/);
    },
  );

  it('has no low latency because of an empty ll', async () => {
    const viewer = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${shouted}&ll=&_HLS_msn=`);
    await expect(viewer.load()).rejects.toThrow('bad_directive');
    const plain = new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${shouted}&ll=`);
    expect(await plain.load()).not.toContain('EXT-X-PART');
  });
});

describe('a token', () => {
  it('may be given twice, and under a name in another case', async () => {
    const init = { method: 'POST', headers: { ...withKey, 'content-type': 'application/json' }, body: '{"name":"tv"}' };
    const { token } = (await test.request<{ token: string }>('/tokens', init)).body;
    const head = async (query: string) => {
      const answer = await fetch(`${test.origin}/ace/getstream?id=${id}${query}`, {
        method: 'HEAD',
        headers: { 'x-forwarded-for': '203.0.113.9' },
      });
      return answer.status;
    };
    expect(await head('')).toBe(401);
    expect(await head(`&token=${token}&token=${token}`)).toBe(200);
    expect(await head(`&Token=${token}`)).toBe(200);
    expect(await head(`&token=${token}&token=other`)).toBe(403);
  });
});

describe('the management API', () => {
  it('takes a slash at the end, one too many, and a target with the host in it', async () => {
    for (const path of ['/engines/', '//engines', '/api/v1//engines/']) {
      expect((await test.get(path)).status).toBe(200);
    }
    const { port, host } = new URL(test.origin);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`GET http://${host}/version HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('shows the reference where its links are right', async () => {
    const { status, url } = await fetch(`${test.origin}/api/v1/docs/`);
    expect([status, url]).toEqual([200, `${test.origin}/api/v1/docs`]);
  });

  it('says of a path with a slash that is not there what it says without', async () => {
    expect((await test.get('/nothing/')).body).toMatchObject({ error: { code: 'not_found' } });
    const answer = await fetch(`${test.origin}/engines/`, { method: 'PUT', headers: withKey });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('takes parameters without a value for none, and words in any case', async () => {
    const { body: all } = await test.get<unknown[]>('/events');
    expect(all.length).toBeGreaterThan(0);
    const same = await test.get<unknown[]>(
      '/events?limit=&offset=&event_type=&category=&since=&stream_id=&container_id=',
    );
    expect(same.body).toEqual(all);
    const { status, body } = await test.get<{ event_type: string }[]>('/events?event_type=STREAM');
    expect([status, new Set(body.map(({ event_type }) => event_type))]).toEqual([200, new Set(['stream'])]);
    expect((await test.get('/streams?status=')).status).toBe(200);
    expect((await test.get('/ace/status?id=')).body).toMatchObject({ streams: expect.any(Number) });
  });

  it('finds an engine by its name, and a stream by whatever names its content', async () => {
    const { body } = await test.get<{ container_id: string; container_name: string }[]>('/engines');
    const [{ container_id, container_name }] = body as [{ container_id: string; container_name: string }];
    const found = await test.get(`/engines/${encodeURIComponent(container_name)}`);
    expect(found.body).toMatchObject({ engine: { container_id } });
    for (const name of [shouted, `acestream://${id}`, `ace:${shouted}`]) {
      expect((await test.get(`/streams/${encodeURIComponent(name)}`)).body).toMatchObject({ key: id });
      expect((await test.get(`/ace/status?content_id=${encodeURIComponent(name)}`)).status).toBe(200);
      expect((await test.get(`/diagnose?content_id=${encodeURIComponent(name)}`)).status).toBe(200);
    }
  });

  it('finds a stream of a magnet link however many trackers that has', async () => {
    const trackers = Array.from({ length: 30 }, (_, at) => `&tr=udp%3A%2F%2Ftracker-${at}.example.org%3A1337`).join('');
    const magnet = `magnet:?xt=urn:btih:${'ab12'.repeat(10)}${trackers}`;
    using player = new Player(`${test.origin}/ace/getstream?magnet=${encodeURIComponent(magnet)}`);
    await player.more();
    const { body } = await test.get<{ id: string; key: string }[]>('/streams?status=started');
    const stream = body.find(({ key: content }) => content === magnet)!;
    const one = await test.get(`/streams/${encodeURIComponent(stream.id)}`);
    expect([one.status, one.body]).toMatchObject([200, { key: magnet }]);
  });

  it('takes a moment whose plus sign was not escaped', async () => {
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString().replace('Z', '+00:00');
    for (const since of [hourAgo, encodeURIComponent(hourAgo)]) {
      const { status, body } = await test.get<unknown[]>(`/events?since=${since}`);
      expect([status, body.length > 0]).toEqual([200, true]);
    }
  });

  it('deletes nothing because of a parameter that is empty or a blank', async () => {
    const clean = (query: string) => test.request(`/events/cleanup?${query}`, { method: 'POST', headers: withKey });
    expect((await clean('max_age_days=')).body).toMatchObject({ deleted: 0 });
    expect((await clean('max_age_days=%20')).status).toBe(400);
    expect((await clean('max_age_days=true')).status).toBe(400);
    expect((await test.get<unknown[]>('/events')).body.length).toBeGreaterThan(0);
  });

  it('takes no other value for a number', async () => {
    const change = (retention_minutes: unknown) =>
      test.request('/stream-loop-detection/config', {
        method: 'POST',
        headers: { ...withKey, 'content-type': 'application/json' },
        body: JSON.stringify({ retention_minutes }),
      });
    expect((await change('7')).body).toMatchObject({ retention_minutes: 7 });
    for (const value of [null, '', [], [5], true, {}, 1.5]) expect((await change(value)).status).toBe(400);
    expect((await test.get('/stream-loop-detection/config')).body).toMatchObject({ retention_minutes: 7 });
  });

  it('takes an empty body for none, whatever type a client gives it', async () => {
    for (const type of ['application/x-www-form-urlencoded', 'text/plain', 'application/json']) {
      const headers = { ...withKey, 'content-type': type };
      const { status } = await test.request('/looping-streams/clear', { method: 'POST', headers, body: '' });
      expect(status).toBe(200);
    }
    const headers = { ...withKey, 'content-type': 'application/x-www-form-urlencoded' };
    const { status } = await test.request('/looping-streams/clear', { method: 'POST', headers, body: 'a=b' });
    expect(status).toBe(415);
  });
});
