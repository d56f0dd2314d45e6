import { setTimeout as delay } from 'node:timers/promises';
import type { SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, content, serve } from './serve.ts';

const streamUrl = (origin: string, query: string): string => `${origin}/ace/getstream?${query}`;
const infohashOf = (contentId: string): string => resolveContentId(contentId)!.infohash;
const downloads = (engines: readonly SimulatedEngine[]): number =>
  engines
    .flatMap((engine) => Object.values(engine.state().contents))
    .reduce((sum, counts) => sum + counts.downloads, 0);
const stops = (engines: readonly SimulatedEngine[]): number =>
  engines
    .flatMap((engine) => Object.values(engine.state().contents))
    .reduce((sum, counts) => sum + counts.stops + counts.lateStops, 0);

describe('several players of one content', () => {
  it('two that ask in the same millisecond share one engine session', async () => {
    await using test = await serve({ engines: 2 });
    const url = streamUrl(test.origin, `id=${channel(1)}`);
    using one = new Player(url);
    using two = new Player(url);
    await Promise.all([one.more(), two.more()]);
    expect(downloads(test.engines)).toBe(1);
    const { body } = await test.get<{ clients: number }[]>('/streams?status=started');
    expect(body.map(({ clients }) => clients)).toEqual([2]);
  });

  it('one that joins while the last one is leaving keeps the session', async () => {
    await using test = await serve({ config: { lingerMs: 3_000 } });
    const url = streamUrl(test.origin, `id=${channel(1)}`);
    const first = new Player(url);
    await first.more();
    first.leave();
    await eventually(async () => (await test.get<{ clients: number }[]>('/streams')).body[0]?.clients === 0);
    await delay(500);
    using second = new Player(url);
    await second.more();
    await delay(3_000);
    await second.more();
    expect(stops(test.engines)).toBe(0);
    expect(downloads(test.engines)).toBe(1);
  });

  it('one that joins while the stop is being sent plays, in a clean new session', async () => {
    await using test = await serve({ config: { lingerMs: 0, stopTimeoutMs: 500 } });
    test.engines[0]!.faults.set('stop-hangs', { times: 1, effective: true });
    const url = streamUrl(test.origin, `id=${channel(1)}`);
    const first = new Player(url);
    await first.more();
    first.leave();
    await eventually(() => test.engines[0]!.requests().some(({ target }) => target.includes('method=stop')));
    using second = new Player(url);
    expect(await second.status()).toBe(200);
    await second.more();
    expect(downloads(test.engines)).toBe(2);
  });

  it('two with the same address and User-Agent are two: when one leaves the other plays on', async () => {
    await using test = await serve();
    const url = streamUrl(test.origin, `id=${channel(1)}`);
    const headers = { 'user-agent': 'VLC/3.0.21 LibVLC/3.0.21' };
    const one = new Player(url, { headers });
    using two = new Player(url, { headers });
    await Promise.all([one.more(), two.more()]);
    const clients = async () => {
      const { body } = await test.get<{ clients: Record<string, unknown>[] }>(`/proxy/streams/${channel(1)}/clients`);
      return body.clients;
    };
    expect(await clients()).toHaveLength(2);
    expect((await clients())[0]).toMatchObject({ ip_address: '127.0.0.1', user_agent: headers['user-agent'] });
    one.leave();
    await eventually(async () => (await clients()).length === 1);
    await two.more();
  });

  it('one that joins a running stream is served although every engine is full', async () => {
    await using test = await serve({ config: { streamsPerEngine: 1, startTimeoutMs: 500 } });
    using one = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    await one.more();
    using other = new Player(streamUrl(test.origin, `id=${channel(2)}`));
    expect(await other.status()).toBe(503);
    using two = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    await two.more();
  });
});

/** On a busy machine a source may fall silent; that it is stopped and opened again then is no matter of stops counted here. */
const patient = { sourceStallMs: 60_000 };

describe('one content under two names', () => {
  it('a request by infohash, in any case, joins the stream that was started by content id', async () => {
    await using test = await serve({ engines: 2 });
    using byId = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    await byId.more();
    using byHash = new Player(streamUrl(test.origin, `infohash=${infohashOf(channel(1)).toUpperCase()}`));
    await byHash.more();
    expect(downloads(test.engines)).toBe(1);
  });

  it('a request by content id joins the stream that was started by infohash, even before its infohash is known', async () => {
    await using test = await serve({ engines: 2 });
    using byHash = new Player(streamUrl(test.origin, `infohash=${infohashOf(channel(1))}`));
    await byHash.more();
    using byId = new Player(streamUrl(test.origin, `id=acestream://${channel(1)}`));
    await byId.more();
    const { body } = await test.get<{ clients: number; key_type: string }[]>('/streams?status=started');
    expect(body).toMatchObject([{ key_type: 'infohash', clients: 2 }]);
    await eventually(() => test.engines.flatMap((engine) => engine.state().downloads).length === 1);
  });

  it('shares when both are asked for at once on one engine', async () => {
    await using test = await serve({ config: patient });
    using byId = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    using byHash = new Player(streamUrl(test.origin, `infohash=${infohashOf(channel(1))}`));
    await Promise.all([byId.more(), byHash.more()]);
    await Promise.all([byId.more(), byHash.more()]);
    const { body } = await test.get<{ clients: number }[]>('/streams?status=started');
    expect(body.map(({ clients }) => clients)).toEqual([2]);
    expect(stops(test.engines)).toBe(0);
  });

  const names = [`id=${channel(1)}`, `infohash=${infohashOf(channel(1))}`] as const;
  const openings = (engine: SimulatedEngine): number =>
    engine.requests().filter(({ target }) => target.startsWith('/ace/getstream')).length;

  it.each([names, names.toReversed()] as [string, string][])(
    'asked for as %s while it is being opened as %s plays in one session that is never stopped',
    async (later, earlier) => {
      await using test = await serve({ engines: [{ resolveDelayMs: 150 }], config: patient });
      using one = new Player(streamUrl(test.origin, earlier));
      await eventually(() => openings(test.engines[0]!) === 1);
      using two = new Player(streamUrl(test.origin, later));
      await Promise.all([one.more(), two.more()]);
      const { body } = await test.get<{ clients: number }[]>('/streams?status=started');
      expect(body.map(({ clients }) => clients)).toEqual([2]);
      expect([openings(test.engines[0]!), downloads(test.engines), stops(test.engines)]).toEqual([2, 1, 0]);
    },
  );

  it.each([names, names.toReversed()] as [string, string][])(
    'who asked for %s and leaves before the answer does not stop it for who asked for %s',
    async (later, earlier) => {
      await using test = await serve({ engines: [{ resolveDelayMs: 150 }], config: patient });
      using one = new Player(streamUrl(test.origin, earlier));
      await eventually(() => openings(test.engines[0]!) === 1);
      const two = new Player(streamUrl(test.origin, later));
      await eventually(() => openings(test.engines[0]!) === 2);
      two.leave();
      await one.more();
      await eventually(async () => (await test.get<{ leases: number }[]>('/engines')).body[0]?.leases === 1);
      await one.more();
      expect([downloads(test.engines), stops(test.engines)]).toEqual([1, 0]);
      one.leave();
    },
  );

  it('the last of two streams of a content on an engine stops it there', async () => {
    await using test = await serve({ engines: [{ resolveDelayMs: 150 }], config: { ...patient, lingerMs: 0 } });
    const players = names.map((name) => new Player(streamUrl(test.origin, name)));
    await Promise.all(players.map((player) => player.more()));
    for (const player of players) player.leave();
    await eventually(() => test.engines[0]!.state().downloads.length === 0);
    expect(Object.values(test.engines[0]!.state().contents)).toMatchObject([{ stops: 1, lateStops: 0 }]);
  });

  it('upper-case and lower-case hex are one content', async () => {
    await using test = await serve();
    const id = content(0xabcdef);
    using lower = new Player(streamUrl(test.origin, `id=${id}`));
    using upper = new Player(streamUrl(test.origin, `id=${id.toUpperCase()}`));
    await Promise.all([lower.more(), upper.more()]);
    expect(downloads(test.engines)).toBe(1);
  });
});

describe('many contents', () => {
  it('50 at once on 10 engines of 5 slots all play and no engine has more than 5', async () => {
    await using test = await serve({ engines: 10, config: { streamsPerEngine: 5 } });
    const players = Array.from(
      { length: 50 },
      (_, index) => new Player(streamUrl(test.origin, `id=${content(index)}`)),
    );
    let most = 0;
    const watch = setInterval(() => {
      for (const engine of test.engines) most = Math.max(most, engine.state().downloads.length);
    }, 5);
    try {
      await Promise.all(players.map((player) => player.more(188, 15_000)));
    } finally {
      clearInterval(watch);
    }
    expect(most).toBe(5);
    expect(test.engines.map((engine) => engine.state().downloads.length)).toEqual(Array(10).fill(5));
    for (const player of players) player.leave();
  });

  it('a lingering stream gives its slot up for another content', async () => {
    await using test = await serve({ config: { streamsPerEngine: 1, lingerMs: 60_000 } });
    const first = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    await first.more();
    first.leave();
    await eventually(async () => (await test.get<{ clients: number }[]>('/streams')).body[0]?.clients === 0);
    using second = new Player(streamUrl(test.origin, `id=${channel(2)}`));
    await second.more();
  });

  it('somebody who waits gets the slot as soon as the last player of another content leaves', async () => {
    await using test = await serve({ config: { streamsPerEngine: 1, lingerMs: 60_000 } });
    const first = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    await first.more();
    using second = new Player(streamUrl(test.origin, `id=${channel(2)}`));
    await eventually(() => test.services.engines.capacity().waiting === 1);
    first.leave();
    await second.more();
  });

  it('zapping through 20 channels leaves no session behind, and status answers meanwhile', async () => {
    await using test = await serve({ engines: 2, config: { lingerMs: 0 } });
    let slowestMs = 0;
    for (let index = 0; index < 20; index++) {
      const player = new Player(streamUrl(test.origin, `id=${content(index)}`));
      await delay(index % 4 === 0 ? 3 : 40);
      const startMs = performance.now();
      expect((await test.get('/orchestrator/status')).status).toBe(200);
      slowestMs = Math.max(slowestMs, performance.now() - startMs);
      player.leave();
    }
    expect(slowestMs).toBeLessThan(5_000);
    await eventually(() => test.services.engines.list().every(({ leases }) => leases === 0));
    expect(downloads(test.engines)).toBeGreaterThan(0);
    expect(test.engines.map((engine) => engine.state().downloads)).toEqual([[], []]);
    const { body } = await test.get<{ leases: number; streams: string[] }[]>('/engines');
    expect(body.map(({ leases, streams }) => [leases, streams.length])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect((await test.get<unknown[]>('/streams?status=started')).body).toEqual([]);
  });
});

describe('leaving early', () => {
  it('during the engine’s answer stops the session there and frees the slot', async () => {
    await using test = await serve({ engines: [{ resolveDelayMs: 300 }] });
    const player = new Player(streamUrl(test.origin, `id=${channel(1)}`));
    await eventually(() => test.engines[0]!.requests().some(({ target }) => target.startsWith('/ace/getstream')));
    player.leave();
    const counts = await eventually(() => test.engines[0]!.state().contents[infohashOf(channel(1))]);
    await eventually(() => test.engines[0]!.state().contents[infohashOf(channel(1))]?.stops === 1);
    expect(counts.starts).toBe(1);
    await eventually(async () => (await test.get<{ leases: number }[]>('/engines')).body[0]?.leases === 0);
    expect(test.engines[0]!.state().downloads).toEqual([]);
  });

  it('by the one who started a stream does not end it for those who wait with it', async () => {
    await using test = await serve({ engines: [{ resolveDelayMs: 200, startDelayMs: 200 }] });
    const url = streamUrl(test.origin, `id=${channel(1)}`);
    const creator = new Player(url);
    await eventually(() => test.engines[0]!.requests().some(({ target }) => target.startsWith('/ace/getstream')));
    using waiting = new Player(url);
    await eventually(() => test.services.sessions.all().clients === 2);
    creator.leave();
    await waiting.more();
    expect(test.engines[0]!.state().contents[infohashOf(channel(1))]).toMatchObject({ starts: 1, stops: 0 });
  });
});
