import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SimulatedEngine } from '../src/index.ts';
import {
  CONTENT_ID,
  type EngineAnswer,
  getJson,
  ManualClock,
  OTHER_CONTENT_ID,
  play,
  rawGet,
  readPlayback,
  start,
  testEngine,
  tryStart,
  until,
} from './test-engine.ts';

const stop = (commandUrl: string): Promise<EngineAnswer<string>> => getJson(`${commandUrl}?method=stop`);
const UNKNOWN = { response: null, error: 'unknown playback session id' };

function contents(engine: SimulatedEngine, infohash: string): SimulatedEngineCounts {
  return engine.state().contents[infohash]!;
}
type SimulatedEngineCounts = ReturnType<SimulatedEngine['state']>['contents'][string];

test('the same player starting the same content again gets the same URLs and session', async () => {
  const engine = await testEngine();
  const [first, second] = [await start(engine), await start(engine)];
  expect(second).toEqual(first);
  expect(contents(engine, first.infohash)).toMatchObject({ starts: 2, downloads: 1 });
});

test('another player of the same content shares the download, by URLs of its own', async () => {
  const engine = await testEngine();
  const first = await start(engine, `id=${CONTENT_ID}&pid=a`);
  const second = await start(engine, `id=${CONTENT_ID}&pid=b`);
  expect(second.playback_url).not.toBe(first.playback_url);
  expect(second.playback_session_id).toBe(first.playback_session_id);
  expect(engine.state().downloads).toHaveLength(1);
  expect(engine.state().downloads[0]!.players.map(({ playerId }) => playerId)).toEqual(['a', 'b']);
});

test('a second reader of a session gets two status lines in one head, and the first reads on', async () => {
  const engine = await testEngine();
  const { playback_url, infohash } = await start(engine);
  const first = await readPlayback(playback_url);
  await first.untilBody(1000);
  const second = await readPlayback(playback_url);
  await second.ended;
  const statusLines = second.head.split('\r\n').filter((line) => line.startsWith('HTTP/1.1 200 OK'));
  expect(statusLines).toHaveLength(2);
  await expect(fetch(playback_url)).rejects.toThrow();
  await first.untilBody(first.bodyBytes + 1000);
  expect(contents(engine, infohash)).toMatchObject({ readers: 1, refusedReaders: 2 });
});

test('by option, a second reader takes the stream from the first', async () => {
  const engine = await testEngine({ secondReader: 'takeover' });
  const { playback_url } = await start(engine);
  const first = await readPlayback(playback_url);
  await first.untilBody(1000);
  const second = await readPlayback(playback_url);
  await second.untilBody(1000);
  expect(await first.ended).toBe('eof');
});

test('a HEAD for the body takes the stream from its reader', async () => {
  const engine = await testEngine();
  const { playback_url } = await start(engine);
  const reader = await readPlayback(playback_url);
  await reader.untilBody(1000);
  const hop = rawGet(playback_url);
  await hop.ended;
  await rawGet(hop.header('Location')!, { method: 'HEAD' }).ended;
  expect(await reader.ended).toBe('eof');
});

test('when the reader has gone the next one is welcome', async () => {
  const engine = await testEngine();
  const { playback_url, infohash } = await start(engine);
  const first = await readPlayback(playback_url);
  await first.untilBody(1000);
  first.close();
  await until('the reader is gone', () => engine.state().downloads[0]?.reader === null);
  const second = await readPlayback(playback_url);
  await second.untilBody(1000);
  expect(contents(engine, infohash)).toMatchObject({ downloads: 1, readers: 2, refusedReaders: 0 });
});

test('a stop by either player ends the content for both', async () => {
  const engine = await testEngine();
  const first = await start(engine, `id=${CONTENT_ID}&pid=a`);
  const second = await start(engine, `id=${CONTENT_ID}&pid=b`);
  const reader = await readPlayback(first.playback_url);
  await reader.untilBody(1000);
  expect(await stop(second.command_url)).toEqual({ response: 'ok', error: null });
  expect(await reader.ended).toBe('eof');
  expect(await getJson(first.stat_url)).toEqual(UNKNOWN);
  expect(await stop(first.command_url)).toEqual(UNKNOWN);
  expect(contents(engine, first.infohash)).toMatchObject({ stops: 1, lateStops: 1 });
});

test('a content started again after a stop is a new session at the same URLs', async () => {
  const engine = await testEngine();
  const first = await start(engine);
  await stop(first.command_url);
  const second = await start(engine);
  expect(second.playback_url).toBe(first.playback_url);
  expect(second.playback_session_id).not.toBe(first.playback_session_id);
});

test.each(['reset', 'silence'] as const)('by option, a stop shows a reader %s', async (stopEnds) => {
  const engine = await testEngine({ stopEnds });
  const { command_url, playback_url } = await start(engine);
  const reader = await readPlayback(playback_url);
  await reader.untilBody(1000);
  await stop(command_url);
  if (stopEnds === 'reset') {
    expect(await reader.ended).toBe('reset');
  } else {
    await delay(50);
    const before = reader.bytesReceived;
    await delay(150);
    expect(reader.bytesReceived).toBe(before);
    expect(reader.socket.destroyed).toBe(false);
  }
});

test('a stop while playback waits for prebuffering ends the wait with a 500', async () => {
  const engine = await testEngine({ startDelayMs: 60_000 });
  const { playback_url, command_url } = await start(engine);
  const waiting = rawGet(playback_url);
  await until('playback waits', () => engine.state().connections === 1);
  await stop(command_url);
  await waiting.ended;
  expect(waiting.status).toBe(500);
});

test('a player that starts another content loses the one before', async () => {
  const engine = await testEngine();
  const first = await start(engine, `id=${CONTENT_ID}&pid=a`);
  const reader = await readPlayback(first.playback_url);
  await reader.untilBody(1000);
  await start(engine, `id=${OTHER_CONTENT_ID}&pid=a`);
  expect(await reader.ended).toBe('eof');
  expect(await getJson(first.stat_url)).toEqual(UNKNOWN);
});

test('a player that moves on leaves the content to the other players', async () => {
  const engine = await testEngine();
  const leaver = await start(engine, `id=${CONTENT_ID}&pid=a`);
  const stayer = await play(engine, `id=${CONTENT_ID}&pid=b`);
  await stayer.untilBody(1000);
  await start(engine, `id=${OTHER_CONTENT_ID}&pid=a`);
  expect(await getJson(leaver.stat_url)).toEqual(UNKNOWN);
  await stayer.untilBody(stayer.bodyBytes + 1000);
  expect(engine.state().downloads).toHaveLength(2);
});

test('players with ids of their own run different contents side by side', async () => {
  const engine = await testEngine();
  const one = await play(engine, `id=${CONTENT_ID}&pid=a`);
  const two = await play(engine, `id=${OTHER_CONTENT_ID}&pid=b`);
  await Promise.all([one.untilBody(100_000), two.untilBody(100_000)]);
  await Promise.all([one.untilBody(one.bodyBytes + 1000), two.untilBody(two.bodyBytes + 1000)]);
});

test('a start that a newer one of the same player overtakes fails', async () => {
  const engine = await testEngine({ resolveDelayMs: 300 });
  const overtaken = tryStart(engine, `id=${CONTENT_ID}`);
  await until('the first start is on its way', () => engine.requests().length === 1);
  const newer = tryStart(engine, `id=${OTHER_CONTENT_ID}`);
  expect(await overtaken).toEqual({ response: null, error: 'got newer download' });
  expect((await newer).error).toBeNull();
  expect(engine.state().downloads).toHaveLength(1);
});

test('two starts of one content at once are one download', async () => {
  const engine = await testEngine({ resolveDelayMs: 50 });
  const answers = await Promise.all([start(engine, `id=${CONTENT_ID}&pid=a`), start(engine, `id=${CONTENT_ID}&pid=b`)]);
  expect(contents(engine, answers[0].infohash)).toMatchObject({ starts: 2, downloads: 1 });
});

test('a content nobody reads ends after the idle time, and not before', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now });
  const { playback_url, stat_url } = await start(engine);
  const reader = await readPlayback(playback_url);
  await reader.untilBody(1000);
  clock.advance(3_600_000);
  await delay(250);
  expect(engine.state().downloads).toHaveLength(1);
  reader.close();
  await until('the reader is gone', () => engine.state().connections === 0);
  clock.advance(59_000);
  await delay(250);
  expect(engine.state().downloads).toHaveLength(1);
  clock.advance(1_000);
  await until('the download has ended', () => engine.state().downloads.length === 0);
  expect(await getJson(stat_url)).toEqual(UNKNOWN);
});

test.each([
  ['asking for stat keeps a content alive', {}, '', 1],
  ['stat keeps nothing alive when it says so', {}, '?skip_player_activity=1', 0],
  ['by option, stat keeps nothing alive', { statKeepsAlive: false }, '', 0],
])('%s', async (_what, options, query, left) => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, ...options });
  const { stat_url } = await start(engine);
  for (let poll = 0; poll < 3; poll += 1) {
    clock.advance(40_000);
    await getJson(`${stat_url}${query}`);
    await delay(150);
  }
  expect(engine.state().downloads).toHaveLength(left);
});

test('an HLS start ends an MPEG-TS session of the same content, or not, by option', async () => {
  for (const mixedFormats of ['supersede', 'coexist'] as const) {
    const engine = await testEngine({ mixedFormats });
    const reader = await play(engine, `id=${CONTENT_ID}&pid=a`);
    await reader.untilBody(1000);
    await start(engine, `id=${CONTENT_ID}&pid=b`, '/ace/manifest.m3u8');
    if (mixedFormats === 'supersede') expect(await reader.ended).toBe('eof');
    else await reader.untilBody(reader.bodyBytes + 100_000);
  }
});
