import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultName, SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, key, serve } from './serve.ts';

const url = (origin: string, digit = 1): string => `${origin}/ace/getstream?id=${channel(digit)}`;

/** Sets a fault on the engine that the next stream goes to, or on both. */
const setOn = (engines: readonly SimulatedEngine[], name: FaultName, settings = {}): void => {
  for (const engine of engines) engine.faults.set(name, settings);
};

/** Idle engines in the order in which streams go to them. */
const byPreference = (engines: readonly SimulatedEngine[]): [SimulatedEngine, SimulatedEngine] => {
  const [first, second] = engines.toSorted((one, other) => (`${one.port}` < `${other.port}` ? -1 : 1));
  return [first!, second!];
};

const failures: readonly [title: string, fault: FaultName, settings: object, status: number, code: string][] = [
  ['an error in the start', 'start-error', {}, 503, 'content_dead'],
  ['an error it does not explain', 'start-error', { message: 'missing option' }, 502, 'engine_refused'],
  ['connections refused', 'refuse-connections', {}, 502, 'engine_unreachable'],
  ['connections reset', 'reset-connections', {}, 502, 'engine_unreachable'],
  ['a start that hangs', 'api-hangs', { endpoints: ['start'] }, 504, 'engine_hung'],
  ['playback that answers 500 for ever', 'playback-fails', {}, 502, 'bad_status'],
  ['a second status line', 'double-status-line', {}, 502, 'broken_http'],
  ['a redirect loop', 'bad-redirect', { kind: 'loop' }, 502, 'bad_redirect'],
  ['a page in place of media', 'not-media', {}, 502, 'bad_response'],
  ['content on demand', 'on-demand', {}, 501, 'vod_not_supported'],
];

describe.concurrent('an engine in trouble', () => {
  it.each(failures)('%s: the player gets an error in JSON', async (_title, fault, settings, status, code) => {
    await using test = await serve({ config: { startTimeoutMs: 3_000, statusHoldMs: 20_000 } });
    setOn(test.engines, fault, settings);
    using player = new Player(url(test.origin));
    expect(await player.status()).toBe(status);
    expect(await player.json()).toMatchObject({
      error: { code, message: expect.any(String), retryable: expect.any(Boolean), request_id: expect.any(String) },
      detail: expect.any(String),
    });
    await eventually(() => test.engines[0]!.state().downloads.length === 0);
    await eventually(async () => (await test.get<{ leases: number }[]>('/engines')).body[0]?.leases === 0);
  });

  it('that denies its session: nothing happens while bytes flow, and another one takes over when they stop', async () => {
    await using test = await serve({ engines: 2, config: { sourceStallMs: 1_000 } });
    using player = new Player(url(test.origin));
    await player.more();
    const [first, second] = byPreference(test.engines);
    const playing = first.state().downloads.length > 0 ? first : second;
    playing.faults.set('stat-unknown');
    for (let look = 0; look < 4; look++) {
      expect((await test.get('/streams?status=started')).body).toMatchObject([{ state: 'live', recoveries: 0 }]);
      await player.more();
    }
    playing.faults.set('stall-forever');
    await eventually(async () => (await test.get<{ recoveries: number }[]>('/streams')).body[0]?.recoveries === 1);
    await player.more();
  });

  it('URLs and redirects that name another host: the stream plays all the same', async () => {
    await using test = await serve();
    setOn(test.engines, 'wrong-host', { host: 'engine.invalid:6878' });
    using player = new Player(url(test.origin));
    expect(await player.status()).toBe(200);
    await player.more();
  });

  it.each(failures.filter(([, fault]) => fault !== 'on-demand'))(
    '%s: the stream plays from another engine',
    async (_title, fault, settings) => {
      await using test = await serve({ engines: 2, config: { startTimeoutMs: 4_000, statusHoldMs: 20_000 } });
      const [first, second] = byPreference(test.engines);
      first.faults.set(fault, settings);
      using player = new Player(url(test.origin));
      expect(await player.status()).toBe(200);
      await player.more();
      expect((await test.get<{ container_id: string }[]>('/streams?status=started')).body).toMatchObject([
        { container_id: `127.0.0.1:${second.port}` },
      ]);
      // Whether a connection was refused only the one that tried can tell.
      const met = first.faults.list().find(({ name }) => name === fault)!.met;
      if (!fault.endsWith('-connections')) expect(met).toBeGreaterThan(0);
    },
  );

  it('a session that prebuffers and answers 500 a few times plays in the end', async () => {
    await using test = await serve();
    test.engines[0]!.faults.set('playback-not-found', { times: 2 });
    using player = new Player(url(test.origin));
    expect(await player.status()).toBe(200);
    await player.more();
    expect(test.engines[0]!.state().downloads).toHaveLength(1);
  });

  it('a content that two engines cannot load is not tried on a third', async () => {
    await using test = await serve({ engines: 3 });
    setOn(test.engines, 'start-error');
    using player = new Player(url(test.origin));
    expect(await player.status()).toBe(503);
    expect((await player.response).headers['retry-after']).toBe('30');
    const asked = test.engines.filter((engine) =>
      engine.requests().some(({ target }) => target.startsWith('/ace/getstream')),
    );
    expect(asked).toHaveLength(2);
  });

  it('no capacity is 503 with when to come back', async () => {
    await using test = await serve({ config: { streamsPerEngine: 1, startTimeoutMs: 300 } });
    using playing = new Player(url(test.origin, 1));
    await playing.more();
    using refused = new Player(url(test.origin, 2));
    expect(await refused.status()).toBe(503);
    const eta = Number((await refused.response).headers['retry-after']);
    expect(eta).toBeGreaterThanOrEqual(1);
    expect(await refused.json()).toMatchObject({
      error: { code: 'no_capacity', retryable: true, recovery_eta_seconds: eta },
    });
  });

  it('one that stalls right after the first player joined: the wait is bounded, then there is an error', async () => {
    await using test = await serve({ config: { sourceStallMs: 500, startTimeoutMs: 500, firstByteTimeoutMs: 1_500 } });
    test.engines[0]!.faults.set('stall-forever');
    using player = new Player(url(test.origin));
    expect(await player.status()).toBe(504);
    expect(await player.json()).toMatchObject({ error: { code: 'no_data' } });
    expect(performance.now() - player.askedMs).toBeLessThan(10_000);
  });
});

describe.concurrent('an engine that is no AceStream engine', () => {
  const answering = async (listener: RequestListener): Promise<{ url: string; close: () => void }> => {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      close: () => {
        server.close();
        server.closeAllConnections();
      },
    };
  };
  const healthy = JSON.stringify({ result: { playlist_loaded: true, version: { version: '3.2.11', code: 3021100 } } });

  it.each([
    ['text instead of JSON', 'hello', 502, 'bad_response'],
    [
      'an empty playback_url',
      JSON.stringify({ response: { playback_url: '', stat_url: 'x' }, error: null }),
      502,
      'bad_response',
    ],
    ['neither answer nor error', '{}', 502, 'bad_response'],
  ])('%s: 502', async (_title, answer, status, code) => {
    const fake = await answering((request, response) =>
      response.end(request.url?.startsWith('/ace') ? answer : healthy),
    );
    await using test = await serve({ engineUrls: [fake.url] });
    try {
      using player = new Player(url(test.origin));
      expect(await player.status()).toBe(status);
      expect(await player.json()).toMatchObject({ error: { code } });
    } finally {
      fake.close();
    }
  });
});

describe.concurrent('recovery', () => {
  const playingOn = async (test: Awaited<ReturnType<typeof serve>>): Promise<SimulatedEngine> => {
    const { body } = await test.get<{ container_id: string }[]>('/streams?status=started');
    return test.engines.find(({ port }) => body[0]?.container_id === `127.0.0.1:${port}`)!;
  };

  it('an engine that crashes under a player: the player stays connected and gets whole packets from another engine', async () => {
    await using test = await serve({ engines: 2 });
    using player = new Player(url(test.origin));
    await player.more();
    const first = await playingOn(test);
    first.faults.set('crash');
    await eventually(
      async () => (await test.get<{ recoveries: number }[]>('/streams?status=started')).body[0]?.recoveries === 1,
    );
    await player.more(400_000);
    expect(await playingOn(test)).not.toBe(first);
    const bytes = Buffer.concat(player.chunks);
    for (let at = 0; at + 188 <= bytes.length; at += 188) expect(bytes[at]).toBe(0x47);
    expect(test.logs.filter(({ msg }) => msg === 'stream recovered')).toHaveLength(1);
    const heir = `127.0.0.1:${(await playingOn(test)).port}`;
    const { body } = await test.get<{ splices: object[] }[]>('/streams?status=started');
    expect(body[0]!.splices).toMatchObject([
      {
        from: `127.0.0.1:${first.port}`,
        to: heir,
        splice: 'exact',
        skipped_bytes: 0,
        client_gap_ms: expect.any(Number),
      },
    ]);
    const text = await (await fetch(`${test.origin}/metrics`)).text();
    expect(text).toMatch(/^orch_proxy_recoveries_total\{splice="exact"\} 1$/m);
    expect(text).toMatch(/^orch_operation_duration_seconds_count\{operation="recovery",outcome="success"\} 1$/m);
  });

  it('an engine that falls silent: another one takes over, and the silent session is stopped', async () => {
    await using test = await serve({ engines: 2, config: { sourceStallMs: 1_000 } });
    using player = new Player(url(test.origin));
    await player.more();
    const first = await playingOn(test);
    first.faults.set('stall-forever');
    await eventually(() => test.logs.some(({ msg }) => msg === 'stream recovered'), 10_000);
    await player.more(400_000);
    expect(await playingOn(test)).not.toBe(first);
    await eventually(() => first.state().downloads.length === 0);
    expect(Object.values(first.state().contents)).toMatchObject([{ starts: 1, stops: 1, lateStops: 0 }]);
  });

  it('an engine that falls silent and does not take the stop loses its reader all the same', async () => {
    await using test = await serve({ engines: 2, config: { sourceStallMs: 1_000, stopTimeoutMs: 3_000 } });
    using player = new Player(url(test.origin));
    await player.more();
    const first = await playingOn(test);
    first.faults.set('stop-hangs');
    first.faults.set('stall-forever');
    await eventually(() => test.logs.some(({ msg }) => msg === 'stream recovered'), 10_000);
    await eventually(() => first.state().downloads[0]?.reader === null, 1_500);
  });

  it('the only engine falls silent: its session is stopped before it is opened again there', async () => {
    await using test = await serve({ config: { sourceStallMs: 1_000 } });
    const [engine] = test.engines as [SimulatedEngine];
    using player = new Player(url(test.origin));
    await player.more();
    engine.faults.set('stall-forever', { times: 1 });
    await eventually(() => test.logs.some(({ msg }) => msg === 'stream recovered'), 10_000);
    await player.more(400_000);
    const counts = Object.values(engine.state().contents);
    expect(counts).toMatchObject([{ starts: 2, downloads: 2, readers: 2, refusedReaders: 0, stops: 1, lateStops: 0 }]);
  });

  it('an engine that shows nothing at the start: a second one is tried beside it and plays', async () => {
    await using test = await serve({ engines: 2, config: { hedgeMs: 300, statusHoldMs: 20_000 } });
    const [first, second] = byPreference(test.engines);
    first.faults.set('playback-hangs');
    using player = new Player(url(test.origin));
    await player.more();
    expect(await playingOn(test)).toBe(second);
    await eventually(() => first.state().downloads.length === 0);
  });

  it('a second engine is not tried when there is none to spare', async () => {
    await using test = await serve({ config: { hedgeMs: 100 } });
    test.engines[0]!.faults.set('playback-not-found', { times: 1 });
    using player = new Player(url(test.origin));
    await player.more();
    expect(Object.values(test.engines[0]!.state().contents)).toMatchObject([{ starts: 1, downloads: 1 }]);
  });

  it('a second engine is not tried at the price of a stream that lingers', async () => {
    await using test = await serve({
      engines: 2,
      config: { streamsPerEngine: 1, hedgeMs: 1_500, lingerMs: 60_000, statusHoldMs: 20_000 },
    });
    const [first, second] = byPreference(test.engines);
    const lingering = new Player(url(test.origin, 2));
    await lingering.more();
    lingering.leave();
    expect(first.state().downloads).toHaveLength(1);
    await eventually(async () => (await test.get<{ clients: number }[]>('/streams')).body[0]?.clients === 0);
    second.faults.set('playback-hangs');
    using waiting = new Player(url(test.origin));
    await eventually(() => second.state().downloads.length === 1);
    await delay(2_500);
    expect(waiting.bytes).toBe(0);
    expect(first.state().downloads).toHaveLength(1);
    expect(Object.values(first.state().contents)).toMatchObject([{ stops: 0 }]);
  });

  it.each([
    ['resets the connection', 'reset-mid-packet', { times: 1 }, 1],
    ['falls silent', 'stall-forever', { afterMs: 300 }, 0],
  ] as const)(
    'an engine that %s under a player is blamed for it, or the content there is',
    async (_what, fault, settings, penalties) => {
      await using test = await serve({ engines: 2, config: { sourceStallMs: 1_000 } });
      const [first] = byPreference(test.engines);
      first.faults.set(fault, settings);
      using player = new Player(url(test.origin));
      await player.more();
      await eventually(() => test.logs.some(({ msg }) => msg === 'stream recovered'), 10_000);
      const blamed = await eventually(async () => {
        const { body } = await test.get<{ container_id: string; leases: number; penalties: number }[]>('/engines');
        return body.find(({ container_id: id, leases }) => id === `127.0.0.1:${first.port}` && leases === 0);
      });
      expect(test.logs.find(({ msg }) => msg === 'stream recovered')?.['from']).toBe(blamed.container_id);
      expect(blamed.penalties).toBe(penalties);
    },
  );

  it('when the only other engine is full, tries with a bound and then ends with a reason', async () => {
    await using test = await serve({
      engines: 2,
      config: { streamsPerEngine: 1, startTimeoutMs: 400, maxOutageMs: 2_000 },
    });
    using blocker = new Player(url(test.origin, 2));
    await blocker.more();
    using player = new Player(url(test.origin, 1));
    await player.more();
    const { body } = await test.get<{ container_id: string; key: string }[]>('/streams?status=started');
    const engineId = body.find(({ key: content }) => content === channel(1))!.container_id;
    const engine = test.engines.find(({ port }) => engineId === `127.0.0.1:${port}`)!;
    engine.faults.set('crash', { restartAfterMs: 600_000 });
    await player.ended;
    await blocker.more();
    const ended = test.logs.find(({ msg, stream }) => msg === 'stream ended' && String(stream).endsWith(channel(1)));
    expect(ended?.['reason']).toMatch(/^(recovery_exhausted|source_unstable)$/);
    const ends = await test.get<Record<string, unknown>[]>('/streams?status=ended', { 'x-api-key': key });
    expect(ends.body).toMatchObject([{ key: channel(1), end_reason: ended?.['reason'] }]);
  });
});
