import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  CONTENT_ID,
  type EngineAnswer,
  getJson,
  ManualClock,
  rawGet,
  readPlayback,
  start,
  testEngine,
} from './test-engine.ts';

interface Stat {
  readonly status: string;
  readonly progress?: number;
  readonly peers: number;
  readonly speed_down: number;
  readonly downloaded: number;
  readonly uploaded: number;
  readonly playback_session_id: string;
  readonly livepos?: Readonly<Record<string, string>>;
}

const stat = async (url: string): Promise<Stat> => (await getJson<EngineAnswer<Stat>>(url)).response!;
const UNKNOWN = { response: null, error: 'unknown playback session id' };

test('stat says prebuf with its progress, then dl', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ startDelayMs: 200, now: clock.now });
  const { stat_url, playback_url } = await start(engine);
  clock.advance(50);
  const prebuffering = await stat(stat_url);
  expect(prebuffering).toMatchObject({ status: 'prebuf', progress: 25 });
  expect(prebuffering.livepos).toBeUndefined();
  await rawGet(playback_url).ended;
  const playing = await stat(stat_url);
  expect(playing.status).toBe('dl');
  expect(playing.progress).toBeUndefined();
});

test('stat values move: speeds in KB/s, bytes in pieces, live positions as strings', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, lagMs: 2_000, liveBufferMs: 1_800_000 });
  const { stat_url, playback_session_id, playback_url } = await start(engine);
  const reader = await readPlayback(playback_url);
  await reader.untilBody(1);

  const samples: Stat[] = [];
  for (let second = 0; second < 30; second += 1) {
    clock.advance(1_000);
    samples.push(await stat(stat_url));
  }
  const last = samples.at(-1)!;
  expect(last.playback_session_id).toBe(playback_session_id);
  for (const { downloaded, uploaded, speed_down, peers } of samples) {
    expect([downloaded % 16_384, uploaded % 16_384]).toEqual([0, 0]);
    // 1.56 Mbit/s is 190 KB/s.
    expect(speed_down).toBeGreaterThan(150);
    expect(speed_down).toBeLessThan(250);
    expect(peers).toBeGreaterThan(0);
  }
  expect(last.downloaded).toBeGreaterThan(samples[0]!.downloaded);
  expect(new Set(samples.map(({ speed_down }) => speed_down)).size).toBeGreaterThan(5);
  expect(new Set(samples.map(({ peers }) => peers)).size).toBeGreaterThan(2);
  const liveSeconds = Math.floor((clock.ms - 2_000) / 1000);
  expect(last.livepos).toMatchObject({
    live_last: String(liveSeconds),
    live_first: String(liveSeconds - 1800),
    is_live: '1',
    buffer_pieces: '30',
  });
});

test('stat, command and event of a session nobody started are unknown', async () => {
  const engine = await testEngine();
  const path = `${'a'.repeat(40)}/${'b'.repeat(32)}`;
  expect(await getJson(`${engine.url}/ace/stat/${path}`)).toEqual(UNKNOWN);
  expect(await getJson(`${engine.url}/ace/cmd/${path}?method=stop`)).toEqual(UNKNOWN);
  expect(await getJson(`${engine.url}/ace/event/${path}`)).toEqual(UNKNOWN);
});

test('a command other than stop is refused', async () => {
  const engine = await testEngine();
  const { command_url } = await start(engine);
  expect(await getJson(`${command_url}?method=fly`)).toEqual({ response: null, error: 'unknown method' });
  expect(engine.state().downloads).toHaveLength(1);
});

test('an event wakes the long poll, and one that came before waits for it', async () => {
  const engine = await testEngine();
  const { event_url, infohash } = await start(engine, `id=${CONTENT_ID}&use_api_events=1`);
  const poll = rawGet(event_url!);
  await delay(50);
  expect(poll.bytesReceived).toBe(0);
  expect(engine.emit(infohash, { name: 'live_changed', params: { is_live: 1 } })).toBe(1);
  await poll.ended;
  expect(JSON.parse(poll.body.toString())).toEqual({
    response: { name: 'live_changed', params: { is_live: 1 } },
    error: null,
  });

  engine.emit(infohash, { name: 'segmenter_failed', params: {} });
  const next = await getJson<EngineAnswer<{ name: string }>>(event_url!);
  expect(next.response?.name).toBe('segmenter_failed');
});

test('a stop ends the long poll', async () => {
  const engine = await testEngine();
  const { event_url, command_url } = await start(engine, `id=${CONTENT_ID}&use_api_events=1`);
  const poll = getJson(event_url!);
  await getJson(`${command_url}?method=stop`);
  expect(await poll).toEqual(UNKNOWN);
});

test('a player that asks for stop notifications is told when the engine stops by itself', async () => {
  const engine = await testEngine({ readerIdleStopMs: 100 });
  const query = `id=${CONTENT_ID}&use_api_events=1&use_stop_notifications=1`;
  const { event_url } = await start(engine, query);
  const told = await getJson<EngineAnswer<{ name: string; params: unknown }>>(event_url!);
  expect(told.response).toEqual({ name: 'download_stopped', params: { reason: 'idle', option: null } });
  expect(await getJson(event_url!)).toEqual(UNKNOWN);
});

test('a player that did not ask for stop notifications finds its session unknown', async () => {
  const engine = await testEngine({ readerIdleStopMs: 100 });
  const { event_url } = await start(engine, `id=${CONTENT_ID}&use_api_events=1`);
  expect(await getJson(event_url!)).toEqual(UNKNOWN);
});

test('the notification waits for a player that was not polling', async () => {
  const engine = await testEngine({ readerIdleStopMs: 50 });
  const { event_url } = await start(engine, `id=${CONTENT_ID}&use_api_events=1&use_stop_notifications=1`);
  await delay(200);
  expect(engine.state().downloads).toEqual([]);
  expect((await getJson<EngineAnswer<{ name: string }>>(event_url!)).response?.name).toBe('download_stopped');
});
