import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { EventReader } from './event-reader.ts';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, key, serve } from './serve.ts';

const url = (origin: string, digit = 1): string => `${origin}/ace/getstream?id=${channel(digit)}`;
const withKey = { 'x-api-key': key };

describe('the live feed', () => {
  it('begins with a snapshot, then tells of streams that start, change and end', async () => {
    await using test = await serve({ config: { lingerMs: 0 } });
    using reader = new EventReader(`${test.origin}/api/v1/live`);
    expect((await reader.response).headers['content-type']).toContain('text/event-stream');
    const { data } = await reader.next('snapshot');
    expect(data).toEqual({
      engines: [expect.objectContaining({ port: test.engines[0]!.port, health_status: 'healthy' })],
      streams: [],
      status: expect.objectContaining({ status: 'healthy' }),
      pulls: [],
    });
    const player = new Player(url(test.origin));
    await player.more();
    await reader.next('stream', ({ clients, state }) => clients === 1 && state === 'live');
    await reader.next('engine', ({ streams }) => streams.length === 1);
    await reader.next('status', ({ streams }) => streams.active === 1);
    await reader.next('event', ({ event_type, category }) => event_type === 'stream' && category === 'started');
    const { data: started } = await reader.next('stream');
    player.leave();
    await reader.next('stream_gone', ({ id }) => id === started.id);
    expect(reader.events.filter(({ name }) => name === 'snapshot')).toHaveLength(1);
  });

  it('tells at once that an engine died under a player', async () => {
    await using test = await serve({ engines: 2, config: { probeIntervalMs: 200 } });
    using reader = new EventReader(`${test.origin}/api/v1/live`);
    using player = new Player(url(test.origin));
    await player.more();
    const { data } = await reader.next('stream', ({ state }) => state === 'live');
    const engine = test.engines.find(({ port }) => data.container_id.endsWith(`:${port}`))!;
    engine.faults.set('crash');
    await reader.next(
      'event',
      ({ category, container_id }) => category === 'source_ended' && container_id === data.container_id,
    );
    await reader.next('event', ({ category }) => category === 'recovered', 15_000);
    await reader.next('stream', ({ recoveries }) => recoveries === 1);
  }, 30_000);

  it('says why a stream whose only engine is gone cannot go on yet, without naming another engine', async () => {
    await using test = await serve({ engines: 1 });
    using player = new Player(url(test.origin));
    await player.more();
    using reader = new EventReader(`${test.origin}/api/v1/live`);
    await reader.next('snapshot');
    test.engines[0]!.faults.set('crash');
    await reader.next('event', ({ category }) => category === 'source_ended');
    const { data } = await reader.next('event', ({ category }) => category === 'recovery_failed', 15_000);
    expect(data.message).toMatch(/^Stream 1{40} could not go on yet: engine_unreachable\.$/);
    expect(data.container_id).toContain(`:${test.engines[0]!.port}`);
    expect(data.details).toMatchObject({ code: 'engine_unreachable' });
  }, 30_000);

  it('goes on where a reader left off, without a snapshot and without a gap', async () => {
    await using test = await serve({ config: { lingerMs: 0 } });
    const first = new EventReader(`${test.origin}/api/v1/live`);
    const { id } = await first.next('snapshot');
    first[Symbol.dispose]();
    await first.ended;
    const player = new Player(url(test.origin));
    await player.more();
    using again = new EventReader(`${test.origin}/api/v1/live`, { 'last-event-id': id! });
    await again.next('stream', ({ key: content }) => content === channel(1));
    await again.next('event', ({ category }) => category === 'started');
    expect(again.events.map(({ name }) => name)).not.toContain('snapshot');
    const numbers = again.events.map((event) => Number(event.id!.split('-')[1]));
    expect(numbers).toEqual(numbers.map((_, index) => Number(id!.split('-')[1]) + 1 + index));
    player.leave();
    using stranger = new EventReader(`${test.origin}/api/v1/live?last_event_id=00000000-5`);
    await stranger.next('snapshot');
  });

  it('shows the engines’ URLs only to those with the key', async () => {
    await using test = await serve();
    using open = new EventReader(`${test.origin}/api/v1/live`);
    using privileged = new EventReader(`${test.origin}/api/v1/live`, withKey);
    await Promise.all([open.next('snapshot'), privileged.next('snapshot')]);
    using player = new Player(url(test.origin));
    await player.more();
    expect((await privileged.next('stream')).data.stat_url).toMatch(/\/ace\/stat\//);
    expect((await open.next('stream')).data).toMatchObject({ stat_url: null, command_url: null });
    using late = new EventReader(`${test.origin}/api/v1/live`);
    expect((await late.next('snapshot')).data.streams).toMatchObject([{ stat_url: null }]);
    expect(JSON.stringify([open.events, late.events])).not.toMatch(/\/ace\/(stat|cmd|r)\//);
  });

  it('tells figures at most once a second, and looks at nothing while nobody listens', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    using reader = new EventReader(`${test.origin}/api/v1/live`);
    await reader.next('snapshot');
    const sinceMs = performance.now();
    const told = (): number => reader.events.filter(({ name }) => name === 'stream').length;
    await eventually(() => told() >= 4, 15_000);
    expect((performance.now() - sinceMs) / told()).toBeGreaterThan(500);
  });

  it('a slow reader loses messages, is told how many, gets a snapshot, and delays nobody', async () => {
    await using test = await serve();
    using slow = new EventReader(`${test.origin}/api/v1/live`);
    using quick = new EventReader(`${test.origin}/api/v1/live`);
    await Promise.all([slow.next('snapshot'), quick.next('snapshot')]);
    await slow.pause();
    const filler = 'x'.repeat(20_000);
    for (let index = 0; index < 1_000; index++) {
      test.services.events.record({ type: 'system', category: 'test', message: `${index}`, details: { filler } });
      if (index % 50 === 0) await delay(5);
    }
    await quick.next('event', ({ message }) => message === '999');
    expect(slow.events.some(({ data }) => data.message === '999')).toBe(false);
    await slow.resume();
    const { data } = await slow.next('lost');
    expect(data.count).toBeGreaterThan(0);
    await eventually(() => slow.events.filter(({ name }) => name === 'snapshot').length >= 2);
    const afterLoss = slow.events.slice(slow.events.findIndex(({ name }) => name === 'lost') + 1);
    expect(afterLoss[0]?.name).toBe('snapshot');
    const got = slow.events.filter(({ data: { category } }) => category === 'test').length;
    expect(got + data.count).toBeGreaterThanOrEqual(1_000);
  }, 30_000);

  it('ends with the server', async () => {
    const test = await serve();
    const reader = new EventReader(`${test.origin}/api/v1/live`);
    await reader.next('snapshot');
    await test[Symbol.asyncDispose]();
    await reader.ended;
  });
});

describe('the event log', () => {
  it('has what happened to streams, engines and the server, with filters and pages', async () => {
    await using test = await serve({ config: { lingerMs: 0 } });
    const player = new Player(url(test.origin));
    await player.more();
    player.leave();
    type Event = Record<string, unknown>;
    const list = async (query: string) => (await test.get<Event[]>(`/events${query}`)).body;
    await eventually(async () => (await list('?category=ended')).length === 1);
    const all = await list('');
    expect(all.map(({ event_type, category }) => `${event_type} ${category}`)).toEqual([
      'stream ended',
      'stream started',
      'health healthy',
      'engine found',
      'system started',
    ]);
    expect(all[0]).toEqual({
      id: expect.any(Number),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      event_type: 'stream',
      category: 'ended',
      message: expect.stringContaining(channel(1)),
      details: expect.objectContaining({ bytes_in: expect.any(Number) }),
      container_id: `127.0.0.1:${test.engines[0]!.port}`,
      stream_id: expect.stringContaining(`${channel(1)}|`),
    });
    expect(await list('?limit=2&offset=1')).toEqual(all.slice(1, 3));
    expect(await list(`?event_type=stream&stream_id=${encodeURIComponent(String(all[0]!['stream_id']))}`)).toEqual(
      all.slice(0, 2),
    );
    expect(await list(`?since=${encodeURIComponent(String(all[0]!['timestamp']))}&category=ended`)).toEqual([all[0]]);
    expect(await list(`?container_id=${all[0]!['container_id']}&event_type=engine`)).toHaveLength(1);
    for (const bad of ['limit=0', 'limit=1001', 'offset=-1', 'event_type=x', 'since=yesterday']) {
      expect((await test.get(`/events?${bad}`)).status).toBe(400);
    }
    expect((await test.get('/events/stats')).body).toMatchObject({ total: 5, by_type: { stream: 2 }, lost: 0 });
    const cleanup = (query: string) => test.request(`/events/cleanup${query}`, { method: 'POST', headers: withKey });
    expect((await cleanup('')).body).toMatchObject({ deleted: 0 });
    await delay(5);
    expect((await cleanup('?max_age_days=0')).body).toMatchObject({ deleted: 5 });
    expect(await list('')).toEqual([]);
  });

  it('is followed by event streams that hear of nothing else', async () => {
    await using test = await serve();
    using reader = new EventReader(`${test.origin}/events/stream`);
    await reader.response;
    using player = new Player(url(test.origin));
    await player.more();
    await reader.next('event', ({ category }) => category === 'started');
    expect(new Set(reader.events.map(({ name }) => name))).toEqual(new Set(['event']));
  });
});
