import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, key, serve, type TestServer } from './serve.ts';

type Fields = Record<string, unknown>;
const url = (origin: string, query = `id=${channel(1)}`): string => `${origin}/ace/getstream?${query}`;
const detecting = { loopDetection: true, loopCheckSeconds: 0.2, lingerMs: 0 };
const post = (test: TestServer, path: string, method = 'POST') =>
  test.request(path, { method, headers: { 'x-api-key': key } });

describe('a stream that repeats an old broadcast', () => {
  it('is found once, ended, and refused with 422 under every id until it is forgiven', async () => {
    await using test = await serve({ config: detecting });
    using player = new Player(url(test.origin));
    await player.more();
    const [stream] = (await test.get<Fields[]>('/streams')).body as [Fields];
    test.engines[0]!.faults.set('looped', { periodMs: 60_000, ageMs: 2 * 3_600_000 });
    await player.ended;
    const infohash = String(stream['infohash']);
    for (const query of [
      `id=${channel(1)}`,
      `id=acestream://${channel(1)}`,
      `infohash=${infohash}`,
      `infohash=${infohash.toUpperCase()}`,
    ]) {
      const answer = await test.get(`/ace/getstream?${query}`);
      expect([query, answer.status, answer.body]).toMatchObject([query, 422, { error: { code: 'looping' } }]);
    }
    expect((await fetch(url(test.origin), { method: 'HEAD' })).status).toBe(422);
    const list = await test.get('/looping-streams');
    expect(list.body).toEqual({
      stream_ids: [channel(1), infohash],
      streams: { [channel(1)]: expect.any(String), [infohash]: expect.any(String) },
      retention_minutes: 0,
    });
    expect((await test.get<Fields[]>('/events?category=looping')).body).toHaveLength(1);
    expect(test.engines[0]!.state().downloads).toEqual([]);
    expect((await post(test, `/looping-streams/${infohash}`, 'DELETE')).status).toBe(200);
    expect((await post(test, `/looping-streams/${infohash}`, 'DELETE')).body).toMatchObject({
      error: { code: 'not_looping' },
    });
    test.engines[0]!.faults.clear('looped');
    using again = new Player(url(test.origin));
    expect(await again.status()).toBe(200);
  });

  it('is refused under an id that nobody has asked for yet, once an engine tells what it is', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    const infohash = String((await test.get<Fields[]>('/streams')).body[0]!['infohash']);
    await using fresh = await serve();
    fresh.services.looping.add(infohash, infohash);
    using refused = new Player(url(fresh.origin));
    expect(await refused.status()).toBe(422);
    await eventually(() => fresh.engines[0]!.state().downloads.length === 0);
  });

  it('is let alone while detection is off, as it is at first', async () => {
    await using test = await serve();
    test.engines[0]!.faults.set('looped', { periodMs: 60_000, ageMs: 2 * 3_600_000 });
    using player = new Player(url(test.origin));
    await player.more();
    await eventually(async () => (await test.get<Fields[]>('/streams')).body[0]!['livepos'] !== null);
    expect((await test.get<Fields[]>('/streams')).body).toMatchObject([{ status: 'started' }]);
    expect((await test.get('/looping-streams')).body).toMatchObject({ stream_ids: [] });
  });

  it('detection is configured as in the 1.5 release', async () => {
    await using test = await serve();
    const change = await post(
      test,
      '/stream-loop-detection/config?enabled=true&threshold_seconds=7200&retention_minutes=5',
    );
    const expected = {
      enabled: true,
      threshold_seconds: 7_200,
      threshold_minutes: 120,
      threshold_hours: 2,
      check_interval_seconds: 10,
      retention_minutes: 5,
    };
    expect(change.body).toEqual({ message: expect.any(String), ...expected });
    expect((await test.get('/stream-loop-detection/config')).body).toEqual(expected);
    expect((await post(test, '/stream-loop-detection/config?threshold_seconds=5')).status).toBe(400);
    expect((await test.get('/stream-loop-detection/config')).body).toEqual(expected);
  });
});
