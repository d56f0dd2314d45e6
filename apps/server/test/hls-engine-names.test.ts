import { type EngineOptions, resolveContentId, type SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { Player } from './player.ts';
import { channel, serve, type TestServer } from './serve.ts';

const config = { hlsSource: 'engine', lingerMs: 200 } as const;
/** Engines that take a moment to answer, and have enough of the past for a first playlist at once. */
const slow = (engines: number): EngineOptions[] =>
  Array.from({ length: engines }, () => ({ resolveDelayMs: 150, burstMs: 30_000 }));
const { infohash } = resolveContentId(channel(1))!;
const names = [`id=${channel(1)}`, `infohash=${infohash}`] as const;
const orders = [names, names.toReversed()] as [string, string][];

const hls = (test: TestServer, query: string): HlsViewer =>
  new HlsViewer(`${test.origin}/ace/manifest.m3u8?${query}`, { 'user-agent': query });
const ts = (test: TestServer, query: string): Player => new Player(`${test.origin}/ace/getstream?${query}`);
const starts = (engine: SimulatedEngine, form: 'getstream' | 'manifest.m3u8'): number =>
  engine.requests().filter(({ target }) => target.startsWith(`/ace/${form}`)).length;
/** How often the content was stopped, or ended by another start of it. */
const cuts = (engine: SimulatedEngine): number => {
  const { stops, downloads } = engine.state().contents[infohash]!;
  return stops + downloads - 1;
};
const leases = (test: TestServer): number =>
  test.services.engines.list().reduce((sum, engine) => sum + engine.leases, 0);

/** It gets its next segment, and was never handed to another source. */
async function expectToGoOn(viewer: HlsViewer): Promise<void> {
  await viewer.until(viewer.segments.length + 1);
  expect(viewer.segments.filter(({ discontinuity }) => discontinuity)).toEqual([]);
}

describe.concurrent("one content's HLS from engines under two names", () => {
  it.each(orders)('asked for as %s and as %s at once is one session', async (one, other) => {
    await using test = await serve({ engines: slow(2), config });
    const viewers = [hls(test, one), hls(test, other)];
    await Promise.all(viewers.map((viewer) => viewer.until(2)));
    await eventually(() => leases(test) === 1);
    expect(test.services.streams.active()).toHaveLength(1);
    const { body } = await test.get<{ clients: number }[]>('/streams?status=started');
    expect(body).toMatchObject([{ clients: 2 }]);
    await Promise.all(viewers.map(expectToGoOn));
  });

  it.each(orders)('asked for as %s while it plays as %s is that session, on one engine too', async (later, earlier) => {
    await using test = await serve({ engines: slow(1), config });
    const first = hls(test, earlier);
    await first.until(2);
    const second = hls(test, later);
    await second.until(2);
    expect([starts(test.engines[0]!, 'manifest.m3u8'), cuts(test.engines[0]!), leases(test)]).toEqual([1, 0, 1]);
  });

  it('is that session at once where MPEG-TS has told before that the two are one', async () => {
    await using test = await serve({ engines: slow(2), config: { ...config, lingerMs: 0 } });
    {
      using player = ts(test, names[0]);
      await player.more();
    }
    await eventually(() => leases(test) === 0);
    await hls(test, names[1]).until(1);
    await hls(test, names[0]).until(1);
    expect(test.engines.reduce((sum, engine) => sum + starts(engine, 'manifest.m3u8'), 0)).toBe(1);
  });
});

describe.concurrent('MPEG-TS and the HLS of an engine of one content under two names', () => {
  it.each(orders)('on one engine: MPEG-TS as %s is refused while HLS plays as %s', async (later, earlier) => {
    await using test = await serve({ engines: slow(1), config: { ...config, startTimeoutMs: 3_000 } });
    const viewer = hls(test, earlier);
    await viewer.until(2);
    using player = ts(test, later);
    // 504 where the machine is so slow that its time is up first.
    expect([503, 504]).toContain(await player.status());
    expect([starts(test.engines[0]!, 'getstream'), cuts(test.engines[0]!), leases(test)]).toEqual([0, 0, 1]);
  });

  it.each(orders)('on one engine: HLS as %s is refused while MPEG-TS plays as %s', async (later, earlier) => {
    await using test = await serve({ engines: slow(1), config: { ...config, hlsFirstPlaylistMs: 3_000 } });
    using player = ts(test, earlier);
    await player.more();
    await expect(hls(test, later).load()).rejects.toThrow(/^503 .*acquire_timeout/);
    expect([starts(test.engines[0]!, 'manifest.m3u8'), cuts(test.engines[0]!), leases(test)]).toEqual([0, 0, 1]);
    await player.more();
  });

  it.each(orders)(
    'goes to the engine that does not play it, however busy: HLS as %s, then MPEG-TS as %s',
    async (earlier, later) => {
      await using test = await serve({ engines: slow(2), config });
      const viewer = hls(test, earlier);
      await viewer.until(2);
      const plays = test.engines.find((engine) => starts(engine, 'manifest.m3u8') > 0)!;
      const busy = test.engines.find((engine) => engine !== plays)!;
      using others = ts(test, `id=${channel(2)}`);
      await others.more();
      using more = ts(test, `id=${channel(3)}`);
      await more.more();
      using player = ts(test, later);
      await player.more();
      expect(busy.state().downloads.map((each) => each.infohash)).toContain(infohash);
      expect(cuts(plays)).toBe(0);
      await expectToGoOn(viewer);
    },
  );

  it.each(orders)(
    'asked for at once on one engine, one of them plays and is not cut: HLS as %s, MPEG-TS as %s',
    async (asHls, asTs) => {
      const short = { startTimeoutMs: 3_000, hlsFirstPlaylistMs: 3_000 };
      await using test = await serve({ engines: slow(1), config: { ...config, ...short } });
      const [engine] = test.engines;
      using player = ts(test, asTs);
      const viewer = hls(test, asHls);
      const [status, playlist] = await Promise.all([player.status(), viewer.load().catch(() => undefined)]);
      expect([status === 200, playlist !== undefined].filter(Boolean)).toHaveLength(1);
      expect([starts(engine!, 'getstream') + starts(engine!, 'manifest.m3u8'), leases(test)]).toEqual([1, 1]);
      expect(cuts(engine!)).toBe(0);
    },
  );
});
