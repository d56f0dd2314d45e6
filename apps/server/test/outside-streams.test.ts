import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { channel, key, serve, type TestServer } from './serve.ts';

type Fields = Record<string, unknown>;

const post = (test: TestServer, path: string, body: unknown) =>
  test.request<Fields>(path, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

/** Starts a content on the engine as another proxy would, and tells of it. */
async function playOutside(test: TestServer, index = 0) {
  const engine = test.engines[index]!;
  const reply = await fetch(`${engine.url}/ace/getstream?format=json&id=${channel(1)}`);
  const { response } = (await reply.json()) as { response: Record<string, string> };
  const started = {
    engine: { host: '127.0.0.1', port: engine.port },
    stream: { key_type: 'content_id', key: channel(1) },
    session: {
      playback_session_id: response['playback_session_id'],
      // As the other proxy reaches the engine, which may be another address than ours.
      stat_url: response['stat_url']!.replace(/127\.0\.0\.1:\d+/, 'engine.invalid:6878'),
      command_url: response['command_url']!.replace(/127\.0\.0\.1:\d+/, 'engine.invalid:6878'),
      is_live: 1,
    },
    labels: {},
  };
  return { engine, response, started };
}

describe('a stream that another proxy plays', () => {
  it('is matched to its engine by address, takes a place there, and is told once however often it is told', async () => {
    await using test = await serve();
    const { engine, started, response } = await playOutside(test);
    const first = await post(test, '/events/stream_started', started);
    expect(first.body).toMatchObject({
      id: `${channel(1)}|${response['playback_session_id']}`,
      container_id: `127.0.0.1:${engine.port}`,
      status: 'started',
      origin: 'outside',
      is_live: true,
      stat_url: expect.stringContaining(`127.0.0.1:${engine.port}`),
    });
    expect((await post(test, '/events/stream_started', started)).body).toMatchObject({ id: first.body['id'] });
    expect((await test.get<Fields[]>('/streams?status=started')).body).toHaveLength(1);
    await eventually(async () => (await test.get<Fields[]>('/engines')).body[0]!['leases'] === 1);
    expect((await test.get<Fields[]>('/engines')).body).toMatchObject([{ streams: [first.body['id']] }]);
    await eventually(async () => (await test.get<Fields[]>('/streams')).body[0]!['peers'] !== null);

    const ended = { stream_id: first.body['id'], reason: 'eof' };
    expect((await post(test, '/events/stream_ended', ended)).body).toMatchObject({
      updated: true,
      stream: { status: 'ended', end_reason: 'eof' },
    });
    for (let again = 0; again < 3; again++) {
      expect((await post(test, '/events/stream_ended', ended)).body).toEqual({ updated: false, stream: null });
    }
    await eventually(async () => (await test.get<Fields[]>('/engines')).body[0]!['leases'] === 0);
    // A message that comes late does not bring it back.
    await post(test, '/events/stream_started', started);
    expect((await test.get<Fields[]>('/streams?status=started')).body).toEqual([]);
    expect((await test.get<Fields[]>('/events?event_type=stream')).body.map(({ category }) => category)).toEqual([
      'ended',
      'started',
    ]);
  });

  it('ends for a proxy that puts its id together from an upper-case hash', async () => {
    await using test = await serve();
    const { started, response } = await playOutside(test);
    const upper = 'ABCDEF0123'.repeat(4);
    await post(test, '/events/stream_started', { ...started, stream: { key_type: 'infohash', key: upper } });
    const session = response['playback_session_id'];
    const end = (id: string) => post(test, '/events/stream_ended', { stream_id: id });
    expect((await end(`${upper}|another`)).body).toEqual({ updated: false, stream: null });
    expect((await end(`${upper}|${session}`)).body).toMatchObject({ updated: true, stream: { status: 'ended' } });
  });

  it('on an engine that is not ours is shown, and nobody is asked about it', async () => {
    await using test = await serve();
    const { started } = await playOutside(test);
    const elsewhere = {
      ...started,
      container_id: 'abc',
      engine: { host: '127.0.0.1', port: 9 },
      labels: { stream_id: 'mine' },
    };
    expect((await post(test, '/events/stream_started', elsewhere)).body).toMatchObject({
      id: 'mine',
      container_id: 'abc',
    });
    expect((await test.get<Fields[]>('/engines')).body).toMatchObject([{ leases: 0 }]);
    expect((await post(test, '/events/stream_ended', { container_id: 'abc' })).body).toMatchObject({ updated: true });
  });

  it('ends in the books when its engine does not know it any more, and with DELETE at the engine', async () => {
    await using test = await serve();
    const { engine, started } = await playOutside(test);
    await post(test, '/events/stream_started', started);
    engine.faults.set('stat-unknown');
    await eventually(async () => (await test.get<Fields[]>('/streams')).body[0]!['end_reason'] === 'session_gone');
    engine.faults.clear('stat-unknown');
    const labelled = {
      ...started,
      labels: { stream_id: 'again' },
      session: { ...started.session, playback_session_id: 'x' },
    };
    await post(test, '/events/stream_started', labelled);
    const stopped = await test.request('/streams/again', { method: 'DELETE', headers: { 'x-api-key': key } });
    expect(stopped.body).toMatchObject({ stopped: true });
    await eventually(() => engine.state().downloads.length === 0);
  });

  it.each([
    ['no engine', { engine: undefined }],
    ['an impossible port', { engine: { host: 'x', port: 70_000 } }],
    [
      'a URL that is none',
      { session: { playback_session_id: 'a', stat_url: 'file:///x', command_url: 'x', is_live: 1 } },
    ],
    ['another kind of key', { stream: { key_type: 'torrent', key: 'x' } }],
  ])('with %s is refused', async (_title, broken) => {
    await using test = await serve({ engines: 1 });
    const { started } = await playOutside(test);
    expect((await post(test, '/events/stream_started', { ...started, ...broken })).status).toBe(400);
    expect((await post(test, '/events/stream_ended', {})).status).toBe(400);
  });
});
