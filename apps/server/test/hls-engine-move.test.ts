import type { EngineOptions, SimulatedEngine } from '@acestream-orchestrator/engine-simulator';
import { SegmentChecker } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { HlsViewer } from './hls-viewer.ts';
import { channel, key, serve, type TestServer } from './serve.ts';
import { simulatorRuntime } from './simulator-runtime.ts';

const config = { hlsSource: 'engine', lingerMs: 200 } as const;
/** Engines that have enough of the past for a first playlist at once. */
const burst = (engines: number): EngineOptions[] => Array.from({ length: engines }, () => ({ burstMs: 30_000 }));
const post = (body: object = {}): RequestInit => ({
  method: 'POST',
  headers: { 'x-api-key': key, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const move = (test: TestServer, body?: object) =>
  test.request<{ from: string; to: string }>(`/api/v1/streams/${channel(1)}/move`, post(body));
const enter = (test: TestServer): HlsViewer => new HlsViewer(`${test.origin}/ace/manifest.m3u8?id=${channel(1)}`);
const count = (engine: SimulatedEngine, what: 'starts' | 'stops'): number =>
  Object.values(engine.state().contents).reduce((sum, counts) => sum + counts[what], 0);
const startsAndStops = (engine: SimulatedEngine): number[] => [count(engine, 'starts'), count(engine, 'stops')];
const idOf = ({ port }: SimulatedEngine): string => `127.0.0.1:${port}`;
const leases = (test: TestServer): number[] => test.services.engines.list().map((engine) => engine.leases);

/** The engines that play, and that do not. */
function sides({ engines }: TestServer): [SimulatedEngine, SimulatedEngine] {
  return [engines.find((each) => count(each, 'starts') > 0)!, engines.find((each) => count(each, 'starts') === 0)!];
}

/** Nothing is left out or comes twice, and so many discontinuities lie after the first `seen` segments. */
function expectToGoOn(viewer: HlsViewer, seen: number, discontinuities: number): void {
  const checker = new SegmentChecker();
  for (const segment of viewer.segments) checker.push(segment);
  // Simulated engines cut at the same places, so that time goes on; real ones need not. Null packets are theirs.
  expect(checker.finish().faults.filter(({ kind }) => kind !== 'needless' && kind !== 'padding')).toEqual([]);
  const numbers = viewer.segments.map(({ sequence }) => sequence);
  expect(numbers).toEqual(numbers.map((_, at) => numbers[0]! + at));
  expect(viewer.segments.slice(seen).filter(({ discontinuity }) => discontinuity)).toHaveLength(discontinuities);
}

describe.concurrent("a stream whose HLS is an engine's", () => {
  it('moves when told to: its viewers go on behind one discontinuity, and the engine it left is stopped once', async () => {
    await using test = await serve({ engines: burst(2), config });
    const viewer = enter(test);
    const seen = (await viewer.until(2)).length;
    const [old, other] = sides(test);
    const { id } = test.services.streams.active()[0]!;
    expect(await move(test)).toMatchObject({
      status: 200,
      body: { stream_id: id, from: idOf(old), to: idOf(other) },
    });
    await viewer.until(seen + 1);
    expectToGoOn(viewer, seen, 1);
    await eventually(() => count(old, 'stops') === 1);
    expect([startsAndStops(old), startsAndStops(other)]).toEqual([
      [1, 1],
      [1, 0],
    ]);
    await eventually(() => leases(test).toSorted().join() === '0,1');
    const { body } = await test.get(`/api/v1/streams/${id}`);
    expect(body).toMatchObject({ container_id: idOf(other), recoveries: 1, sources: 2, state: 'live' });
    const events = await test.get<{ category: string; details: object }[]>('/events?event_type=stream');
    expect(events.body.filter(({ category }) => category === 'recovered')).toMatchObject([
      { details: { from: idOf(old), to: idOf(other), reason: 'moved' } },
    ]);
    expect(events.body.filter(({ category }) => category === 'source_ended')).toMatchObject([
      { details: { reason: 'moved' } },
    ]);
  }, 60_000);

  it('moves to the engine that is named, and not to itself', async () => {
    await using test = await serve({ engines: burst(4), config });
    await enter(test).until(2);
    const [old] = sides(test);
    const target = idOf(test.engines.findLast((engine) => engine !== old)!);
    expect(await move(test, { container_id: target })).toMatchObject({ status: 200, body: { to: target } });
    expect(test.services.streams.active()[0]!.engine.id).toBe(target);
    expect(await move(test, { container_id: target })).toMatchObject({ status: 200, body: { to: target } });
    expect(test.engines.reduce((sum, engine) => sum + count(engine, 'starts'), 0)).toBe(2);
    expect((await move(test, { container_id: 'nobody' })).status).toBe(404);
  }, 60_000);

  it('plays on where it is until the other engine delivers', async () => {
    await using test = await serve({ engines: burst(2), config });
    const viewer = enter(test);
    const seen = (await viewer.until(2)).length;
    const [old, other] = sides(test);
    other.faults.set('playback-hangs');
    const moved = move(test);
    await eventually(() => count(other, 'starts') === 1);
    await viewer.until(seen + 1);
    expectToGoOn(viewer, seen, 0);
    expect([leases(test), count(old, 'stops')]).toEqual([[1, 1], 0]);
    expect(test.services.streams.active()[0]!.engine.id).toBe(idOf(old));
    other.faults.clear('playback-hangs');
    expect(await moved).toMatchObject({ status: 200, body: { to: idOf(other) } });
    await viewer.until(viewer.segments.length + 1);
    expectToGoOn(viewer, seen, 1);
  }, 60_000);

  it('stays where it is when there is no other engine, or that does not play it: 503 move_failed', async () => {
    await using test = await serve({ engines: burst(2), config: { ...config, probeIntervalMs: 500 } });
    const viewer = enter(test);
    const seen = (await viewer.until(2)).length;
    const [old, other] = sides(test);
    other.faults.set('playback-fails');
    const failed = { status: 503, body: { error: { code: 'move_failed', retryable: true } } };
    expect(await move(test)).toMatchObject(failed);
    await eventually(() => leases(test).toSorted().join() === '0,1');
    await other.close();
    await eventually(() => test.services.engines.list().some(({ ready }) => !ready), 30_000);
    expect(await move(test)).toMatchObject(failed);
    await viewer.until(seen + 1);
    expectToGoOn(viewer, seen, 0);
    expect(startsAndStops(old)).toEqual([1, 0]);
  }, 90_000);

  it('cannot be moved when it is over: 409 stream_not_playing', async () => {
    await using test = await serve({ engines: burst(2), config });
    await enter(test).until(1);
    await test.services.sessions.stop(test.services.streams.active()[0]!.streamKey);
    expect(await move(test)).toMatchObject({ status: 409, body: { error: { code: 'stream_not_playing' } } });
  }, 30_000);

  it('leaves nothing open when it is stopped, or the server closes, while it moves', async () => {
    for (const end of ['stop', 'close'] as const) {
      await using test = await serve({ engines: burst(2), config: { ...config, lingerMs: 0 } });
      await enter(test).until(2);
      const [old, other] = sides(test);
      other.faults.set('playback-hangs');
      const moved = move(test).catch(() => undefined);
      await eventually(() => count(other, 'starts') === 1);
      const { streamKey } = test.services.streams.active()[0]!;
      if (end === 'close') await test.server.close();
      else await test.services.sessions.stop(streamKey);
      await eventually(() => count(old, 'stops') === 1 && count(other, 'stops') === 1);
      expect((await moved)?.status ?? 503).toBe(503);
      if (end !== 'close') await eventually(() => leases(test).join() === '0,0');
    }
  }, 120_000);
});

describe('an engine whose HLS is played', () => {
  it('is emptied, removed and replaced without its viewers being cut off', async () => {
    await using runtime = simulatorRuntime();
    await using test = await serve({ runtime, config, env: { MIN_FREE_REPLICAS: '0', MIN_REPLICAS: '2' } });
    await eventually(() => test.services.engines.capacity().total === 6, 15_000);
    const viewer = enter(test);
    const seen = (await viewer.until(2)).length;
    const playing = (): string => test.services.streams.active()[0]?.engine.id ?? '';

    const first = playing();
    expect((await test.request(`/api/v1/engines/${first}/drain`, post())).status).toBe(200);
    await eventually(() => playing() !== first, 15_000);
    await eventually(() => test.services.engines.list().every(({ id, leases: held }) => id !== first || held === 0));
    expect((await test.request(`/api/v1/engines/${first}/resume`, post())).status).toBe(200);

    const second = playing();
    const headers = { 'x-api-key': key };
    expect((await test.request(`/api/v1/engines/${second}`, { method: 'DELETE', headers })).status).toBe(200);
    expect([runtime.running.has(second), playing() === second]).toEqual([false, false]);

    const third = playing();
    expect((await test.request('/api/v1/custom-variant/reprovision', post())).status).toBe(200);
    await eventually(() => !runtime.running.has(third) && playing() !== third, 30_000);
    const newest = viewer.segments.length;
    await viewer.until(newest + 1);
    // No segment came between one move and the next.
    expectToGoOn(viewer, seen, 1);
    expect(test.services.streams.active()).toMatchObject([{ recoveries: 3 }]);
  }, 120_000);
});
