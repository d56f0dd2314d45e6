import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { benchmarkChannel, openPlayout, resolveContentId } from '../src/index.ts';
import { analyseTs } from '../src/testing/index.ts';
import { CONTENT_ID, ManualClock, play, rawGet, readPlayback, start, testEngine, until } from './test-engine.ts';

const PACKET_BYTES = 188;
const CHUNK_BYTES = 16_384;
const playout = openPlayout(resolveContentId(CONTENT_ID)!);
const wholeChunks = (offset: number): number => Math.floor(offset / CHUNK_BYTES) * CHUNK_BYTES;

test('playback sends nothing, not even a status line, until prebuffering is done', async () => {
  const engine = await testEngine({ startDelayMs: 300 });
  const { playback_url } = await start(engine);
  const hop = rawGet(playback_url);
  await delay(150);
  expect(hop.bytesReceived).toBe(0);
  await hop.ended;
  expect(hop.status).toBe(302);
  expect(hop.header('Location')).toMatch(new RegExp(`^${engine.url}/content/[0-9a-f]{40}/0\\.\\d{10,}$`));
});

test('the second hop can be the one that waits', async () => {
  const engine = await testEngine({ startDelayMs: 300, blockOn: 'content' });
  const { playback_url } = await start(engine);
  const hop = rawGet(playback_url);
  await hop.ended;
  const body = rawGet(hop.header('Location')!);
  await delay(100);
  expect(body.bytesReceived).toBe(0);
  expect(await body.untilHead()).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('prebuffering that takes too long is a 500, and goes on', async () => {
  const engine = await testEngine({ startDelayMs: 300, startTimeoutMs: 50 });
  const { playback_url } = await start(engine);
  const first = rawGet(playback_url);
  await first.ended;
  expect(first.status).toBe(500);
  expect(first.body.toString()).toBe('start timeout');
  await until('prebuffering is done', () => engine.state().downloads[0]?.status === 'dl');
  const retry = rawGet(playback_url);
  await retry.ended;
  expect(retry.status).toBe(302);
});

test('the body is an endless MPEG-TS without length or chunks', async () => {
  const engine = await testEngine();
  const reader = await play(engine);
  await reader.untilBody(100 * PACKET_BYTES);
  expect(reader.status).toBe(200);
  expect(reader.header('Content-Type')).toBe('video/mp2t');
  expect(reader.header('Connection')).toBe('close');
  expect(reader.head).not.toMatch(/content-length|transfer-encoding/i);
  expect(analyseTs(reader.body)).toMatchObject({ leadingBytes: 0, continuityErrors: [], timestampErrors: [] });
});

test('a range is ignored', async () => {
  const engine = await testEngine();
  const hop = rawGet((await start(engine)).playback_url);
  await hop.ended;
  const { host } = new URL(engine.url);
  const reader = rawGet(hop.header('Location')!, { headers: `Host: ${host}\r\nRange: bytes=1000-\r\n` });
  expect(await reader.untilHead()).toMatch(/^HTTP\/1\.1 200 OK/);
});

test('a reader gets the burst at once, then exactly what the clock makes due', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, burstMs: 4_000, lagMs: 2_000 });
  const from = playout.offsetAt(clock.ms - 6_000);
  const reader = await play(engine);
  const dueBytes = (): number => wholeChunks(playout.offsetAt(clock.ms - 2_000)) - from;
  const burstBytes = dueBytes();
  await reader.untilBody(burstBytes);
  await delay(60);
  expect(reader.bodyBytes).toBe(burstBytes);

  clock.advance(1_000);
  const bytes = dueBytes();
  await reader.untilBody(bytes);
  await delay(60);
  expect(reader.bodyBytes).toBe(bytes);
  expect(reader.body.equals(playout.read(from, bytes))).toBe(true);
});

test('two engines send the same bytes for the same content', async () => {
  const clock = new ManualClock();
  const options = { now: clock.now, burstMs: 2_000 };
  const [one, two] = await Promise.all([
    testEngine({ ...options, lagMs: 1_000 }),
    testEngine({ ...options, lagMs: 3_000 }),
  ]);
  const [ahead, behind] = await Promise.all([play(one), play(two)]);
  await Promise.all([ahead.untilBody(1), behind.untilBody(1)]);
  clock.advance(2_000);
  const lead = playout.offsetAt(1_790_000_000_000 - 3_000) - playout.offsetAt(1_790_000_000_000 - 5_000);
  const shared = 200_000;
  await Promise.all([ahead.untilBody(shared), behind.untilBody(lead + shared)]);
  expect(behind.body.subarray(lead, lead + shared).equals(ahead.body.subarray(0, shared))).toBe(true);
});

test('live data comes in bursts, unevenly', async () => {
  const clock = new ManualClock(1_790_000_000_000);
  const engine = await testEngine({
    now: clock.now,
    burstMs: 3_000,
    lagMs: 0,
    unevenness: { burstEveryMs: 1_000, jitterMs: 500 },
  });
  const reader = await play(engine);
  await reader.untilBody(1);
  const increments: number[] = [];
  for (let step = 0; step < 30; step += 1) {
    const before = reader.bodyBytes;
    clock.advance(100);
    await delay(45);
    increments.push(reader.bodyBytes - before);
  }
  const silent = increments.filter((bytes) => bytes === 0).length;
  const steady = playout.bytesPerSecond / 10;
  expect(silent).toBeGreaterThanOrEqual(20);
  expect(Math.max(...increments)).toBeGreaterThan(4 * steady);
});

test('the stream is handed on in chunks that end inside packets', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, burstMs: 2_000, lagMs: 0, readChunkBytes: CHUNK_BYTES });
  const from = playout.offsetAt(clock.ms - 2_000);
  const reader = await play(engine);
  await reader.untilBody(1);
  for (let step = 0; step < 5; step += 1) {
    clock.advance(200);
    const due = wholeChunks(playout.offsetAt(clock.ms));
    await reader.untilBody(due - from);
    await delay(30);
    expect(from + reader.bodyBytes).toBe(due);
  }
});

test('a stream can begin inside a packet', async () => {
  const engine = await testEngine({ startMidPacket: true, now: new ManualClock().now });
  const reader = await play(engine);
  await reader.untilBody(100 * PACKET_BYTES);
  const report = analyseTs(reader.body);
  expect(report.leadingBytes).toBeGreaterThan(0);
  expect(report.continuityErrors).toEqual([]);
});

test('a reader that does not read holds its place, and misses nothing', async () => {
  const channel = benchmarkChannel({ bitsPerSecond: 100_000_000 });
  const source = openPlayout(channel);
  const clock = new ManualClock();
  const engine = await testEngine({ channel, now: clock.now, burstMs: 2_000, lagMs: 0 });
  const from = source.offsetAt(clock.ms - 2_000);
  const reader = await play(engine, `infohash=${channel.infohash}`);
  await reader.untilBody(1);
  reader.socket.pause();
  await delay(200);
  const held = engine.state().downloads[0]!.reader!.bytesSent;
  await delay(200);
  expect(engine.state().downloads[0]!.reader!.bytesSent).toBe(held);
  expect(held).toBeLessThan(source.offsetAt(clock.ms) - from);

  reader.socket.resume();
  const total = wholeChunks(source.offsetAt(clock.ms)) - from;
  const body = await reader.untilBody(total);
  expect(body.equals(source.read(from, total))).toBe(true);
});

test('a reader that falls out of the live buffer jumps forward, into a packet', async () => {
  const channel = benchmarkChannel({ bitsPerSecond: 100_000_000 });
  const clock = new ManualClock();
  const engine = await testEngine({ channel, now: clock.now, burstMs: 1_000, lagMs: 0, liveBufferMs: 5_000 });
  const reader = await play(engine, `infohash=${channel.infohash}`);
  await reader.untilBody(1);
  reader.socket.pause();
  await delay(100);
  clock.advance(60_000);
  reader.socket.resume();
  await until('the reader jumped', () => engine.state().downloads[0]!.reader!.jumps === 1);
  await until('it has caught up', () => clock.ms - engine.state().downloads[0]!.reader!.positionMs < 100);
  expect(analyseTs(reader.body).continuityErrors.length).toBeGreaterThan(0);
});

test('opening playback again brings the burst again', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, burstMs: 2_000 });
  const { playback_url } = await start(engine);
  const first = await readPlayback(playback_url);
  const before = Buffer.from(await first.untilBody(200_000));
  first.close();
  await until('the reader is gone', () => engine.state().downloads[0]?.reader === null);
  const second = await readPlayback(playback_url);
  const again = await second.untilBody(200_000);
  expect(again.subarray(0, 200_000).equals(before.subarray(0, 200_000))).toBe(true);
});

test('unpaced, an engine sends as fast as the reader reads', async () => {
  const channel = benchmarkChannel({ bitsPerSecond: 8_000_000 });
  const engine = await testEngine({ channel, rate: 'unpaced', now: new ManualClock().now });
  const reader = await play(engine, `infohash=${channel.infohash}`);
  // Twenty seconds of stream, while the clock stands still.
  await reader.untilBody(20_000_000);
});

test('any forty hex digits play', async () => {
  const engine = await testEngine();
  for (const id of ['0123456789abcdef0123456789abcdef01234567', 'f'.repeat(40)]) {
    const reader = await play(engine, `id=${id}&pid=${id}`);
    await reader.untilBody(50 * PACKET_BYTES);
    expect(reader.body[0]).toBe(0x47);
  }
});

test('a content URL that was never given out is not there', async () => {
  const engine = await testEngine();
  const { infohash } = await start(engine);
  const reader = rawGet(`${engine.url}/content/${infohash}/0.123456789`);
  await reader.ended;
  expect(reader.status).toBe(500);
});
