import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type EngineOptions, openPlayout, resolveContentId, type SimulatedEngine } from '../src/index.ts';
import { analyseTs, type TsReport } from '../src/testing/index.ts';
import type { RawConnection } from './raw-connection.ts';
import {
  CONTENT_ID,
  type EngineAnswer,
  getJson,
  ManualClock,
  play,
  readPlayback,
  start,
  testEngine,
  until,
} from './test-engine.ts';

const PACKET_BYTES = 188;
const TICKS_PER_MS = 27_000;
const playout = openPlayout(resolveContentId(CONTENT_ID)!);

/** An engine whose clock stands still, and a reader that has had its burst of two seconds. */
async function reading(
  options: EngineOptions = {},
): Promise<{ engine: SimulatedEngine; clock: ManualClock; reader: RawConnection }> {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, burstMs: 2_000, lagMs: 0, readChunkBytes: 1_000, ...options });
  const reader = await play(engine);
  await untilQuiet(reader);
  return { engine, clock, reader };
}

/** Waits until no more bytes come: all that is due has been read. One quiet look may be a busy machine's. */
async function untilQuiet(reader: RawConnection): Promise<void> {
  let before = reader.bytesReceived;
  for (let quietLooks = 0; quietLooks < 3 || before === 0; ) {
    await delay(60);
    quietLooks = reader.bytesReceived === before ? quietLooks + 1 : 0;
    before = reader.bytesReceived;
  }
}

/** Jumps of the PCR against the bytes between them, in ms. */
function pcrJumps({ pcrs }: TsReport, bytesPerSecond: number): number[] {
  return pcrs
    .slice(1)
    .map((pcr, index) => {
      const previous = pcrs[index]!;
      const expectedMs = ((pcr.offset - previous.offset) / bytesPerSecond) * 1000;
      return Math.round((pcr.ticks - previous.ticks) / TICKS_PER_MS - expectedMs);
    })
    .filter((jumpMs) => Math.abs(jumpMs) > 20);
}

test('9 end-early: the body ends cleanly after exactly the bytes asked for', async () => {
  const engine = await testEngine();
  engine.faults.set('end-early', { afterBytes: 123_456 });
  const reader = await play(engine);
  expect(await reader.ended).toBe('eof');
  expect(reader.bodyBytes).toBe(123_456);
  expect(engine.state().downloads[0]?.reader).toBeNull();
});

test('9 end-early: on a running reader the count begins when the fault is set', async () => {
  const { engine, clock, reader } = await reading();
  const before = reader.bodyBytes;
  engine.faults.set('end-early', { afterBytes: 50_000, times: 1 });
  clock.advance(1_000);
  await reader.ended;
  expect(reader.bodyBytes).toBe(before + 50_000);
  const next = await play(engine);
  await next.untilBody(100_000);
});

test('10 reset-mid-packet: the connection is reset inside a packet', async () => {
  const engine = await testEngine({ now: new ManualClock().now });
  // The burst begins at a packet, so a whole number of packets would end at one.
  engine.faults.set('reset-mid-packet', { afterBytes: 1_000 * PACKET_BYTES });
  const reader = await play(engine);
  expect(await reader.ended).toBe('reset');
  expect(reader.failure).toMatchObject({ code: 'ECONNRESET' });
  expect(reader.bodyBytes).toBe(1_000 * PACKET_BYTES + PACKET_BYTES / 2);
});

test('11 stall: nothing comes for a while, then a burst that begins later in the stream', async () => {
  const { engine, clock, reader } = await reading();
  const before = reader.bodyBytes;
  engine.faults.set('stall', { durationMs: 10_000, lostMs: 6_000 });
  await delay(50);
  clock.advance(9_000);
  await delay(100);
  expect(reader.bodyBytes).toBe(before);
  expect(reader.socket.destroyed).toBe(false);

  clock.advance(1_000);
  await untilQuiet(reader);
  const resumed = reader.bodyBytes - before;
  expect(resumed / playout.bytesPerSecond).toBeCloseTo(4, 0);
  const report = analyseTs(reader.body);
  expect(report.continuityErrors.length).toBeGreaterThan(0);
  const jumps = pcrJumps(report, playout.bytesPerSecond);
  expect(jumps).toHaveLength(1);
  expect(Math.abs(jumps[0]! - 6_000)).toBeLessThan(200);
});

test('11 stall: by parameter nothing is lost', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('stall', { durationMs: 10_000, lostMs: 0 });
  await delay(50);
  clock.advance(12_000);
  await untilQuiet(reader);
  const from = playout.offsetAt(clock.ms - 14_000);
  expect(reader.body.equals(playout.read(from, reader.bodyBytes))).toBe(true);
  expect(reader.bodyBytes / playout.bytesPerSecond).toBeCloseTo(14, 0);
});

test('12 stall-forever: no more bytes on an open connection, until it is cleared', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('stall-forever');
  await delay(50);
  const before = reader.bodyBytes;
  clock.advance(600_000);
  await delay(150);
  expect(reader.bodyBytes).toBe(before);
  expect(reader.socket.destroyed).toBe(false);
  await engine.faults.clear();
  await reader.untilBody(before + 100_000);
});

test('13 slow-drip: bytes come more slowly than they are played', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('slow-drip', { ratio: 0.25 });
  await delay(50);
  const before = reader.bodyBytes;
  clock.advance(8_000);
  await untilQuiet(reader);
  expect((reader.bodyBytes - before) / playout.bytesPerSecond).toBeCloseTo(2, 1);
  expect(analyseTs(reader.body).continuityErrors).toEqual([]);
});

test('14 timestamp-jump: PCR, PTS and DTS jump together, and no packet is lost', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('timestamp-jump', { jumpMs: 3_600_000 });
  await delay(50);
  clock.advance(2_000);
  await untilQuiet(reader);
  const report = analyseTs(reader.body);
  expect(pcrJumps(report, playout.bytesPerSecond)).toEqual([3_600_000]);
  expect(report.continuityErrors).toEqual([]);
  const ptsSteps = report.keyframes.slice(1).map(({ pts }, index) => (pts! - report.keyframes[index]!.pts!) / 90);
  expect(ptsSteps.filter((ms) => ms > 3_000_000)).toHaveLength(1);
});

test('14 timestamp-jump: the 33-bit wrap can be brought near', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, burstMs: 4_000, lagMs: 0 });
  engine.faults.set('timestamp-jump', { wrapInMs: 2_000 });
  const reader = await play(engine);
  await untilQuiet(reader);
  const { pcrs, continuityErrors } = analyseTs(reader.body);
  expect(continuityErrors).toEqual([]);
  const wrapTicks = 2 ** 33 * 300;
  // The analyser goes on counting past the wrap.
  expect((wrapTicks - pcrs[0]!.ticks) / TICKS_PER_MS).toBeCloseTo(2_000, -2);
  expect((pcrs.at(-1)!.ticks - wrapTicks) / TICKS_PER_MS).toBeCloseTo(2_000, -2);
});

test('15 new-program: the stream goes on as another one, from a PAT, with other PIDs and another codec', async () => {
  const { engine, clock, reader } = await reading();
  const before = analyseTs(reader.body);
  const bytesBefore = reader.bodyBytes;
  engine.faults.set('new-program', { channel: '7'.repeat(40), pidShift: 0x200 });
  await delay(50);
  clock.advance(6_000);
  await untilQuiet(reader);
  // The packet under way is finished first.
  const switchAt = Math.ceil(bytesBefore / PACKET_BYTES) * PACKET_BYTES;
  const after = analyseTs(reader.body.subarray(switchAt));
  expect(after).toMatchObject({ leadingBytes: 0, sectionErrors: 0, continuityErrors: [], timestampErrors: [] });
  expect(after.start).toMatchObject({ pat: 0, decodable: true });
  const types = (report: TsReport): (number | undefined)[] =>
    [...report.pids.values()]
      .flatMap(({ streamType }) => (streamType === undefined ? [] : [streamType]))
      .toSorted((a, b) => a - b);
  expect(types(before)).toEqual([0x0f, 0x1b]);
  expect(types(after)).toEqual([0x0f, 0x24]);
  const streams = (report: TsReport): number[] =>
    [...report.pids.values()].filter(({ streamType }) => streamType !== undefined).map(({ pid }) => pid);
  expect(streams(after).some((pid) => before.pids.has(pid))).toBe(false);
  expect(after.pcrs.length).toBeGreaterThan(10);
});

test('21 no-peers: stat says nobody is there while what is cached flows, then nothing comes', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('no-peers', { cachedMs: 5_000 });
  await delay(50);
  const before = reader.bodyBytes;
  const { infohash, players } = engine.state().downloads[0]!;
  const stat = await getJson<EngineAnswer<{ peers: number; speed_down: number; status: string }>>(
    `${engine.url}/ace/stat/${infohash}/${players[0]!.key}`,
  );
  expect(stat.response).toMatchObject({ peers: 0, speed_down: 0, status: 'dl' });
  clock.advance(3_000);
  await untilQuiet(reader);
  expect((reader.bodyBytes - before) / playout.bytesPerSecond).toBeCloseTo(3, 1);
  clock.advance(60_000);
  await untilQuiet(reader);
  expect((reader.bodyBytes - before) / playout.bytesPerSecond).toBeCloseTo(5, 1);
});

test('24 looped: a stretch of old content repeats, byte for byte, and stat’s live positions stay in it', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('looped', { periodMs: 2_000, ageMs: 7_200_000 });
  await delay(50);
  const from = Math.ceil(reader.bodyBytes / PACKET_BYTES) * PACKET_BYTES;
  const setAt = playout.offsetAt(clock.ms - 2_000) + reader.bodyBytes;
  clock.advance(7_000);
  await untilQuiet(reader);
  const period = playout.offsetAt(clock.ms + 2_000) - playout.offsetAt(clock.ms);
  const looped = reader.body.subarray(from);
  const rounds = [0, 1, 2].map((round) => looped.subarray(round * period, round * period + period - PACKET_BYTES));
  expect(rounds[1]!.equals(rounds[0]!)).toBe(true);
  expect(rounds[2]!.equals(rounds[0]!)).toBe(true);
  const old = playout.offsetAt(playout.timeOf(setAt) - 7_200_000);
  expect(looped.subarray(0, period).equals(playout.read(old, period))).toBe(true);

  const { infohash, players } = engine.state().downloads[0]!;
  const lives = new Set<string>();
  for (let second = 0; second < 5; second += 1) {
    clock.advance(1_000);
    const stat = await getJson<EngineAnswer<{ livepos: { live_last: string } }>>(
      `${engine.url}/ace/stat/${infohash}/${players[0]!.key}`,
    );
    lives.add(stat.response!.livepos.live_last);
  }
  expect(lives.size).toBeLessThanOrEqual(3);
  expect(clock.ms / 1000 - Number([...lives][0])).toBeGreaterThan(7_100);
});

test('25 notification-clip: a clip plays in place of the content, then the content', async () => {
  const clip = openPlayout(resolveContentId('7'.repeat(40))!);
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, burstMs: 0, lagMs: 0, readChunkBytes: 1_000 });
  engine.faults.set('notification-clip', { channel: '7'.repeat(40), durationMs: 4_000 });
  const reader = await play(engine);
  await until('the reader is open', () => reader.status === 200);
  clock.advance(3_000);
  await untilQuiet(reader);
  expect(analyseTs(reader.body).start.pat).toBe(0);
  expect(reader.bodyBytes).toBeGreaterThan(1_000 * PACKET_BYTES);
  const at = findOffset(clip, reader.body.subarray(0, 40 * PACKET_BYTES), clock.ms - 5_000);
  expect(at).toBeDefined();

  clock.advance(6_000);
  await untilQuiet(reader);
  const tail = reader.body.subarray(-100 * PACKET_BYTES);
  expect(findOffset(playout, tail, clock.ms - 2_000)).toBeDefined();
});

/** Where a playout has these bytes, within some seconds of `fromMs`. */
function findOffset(source: typeof playout, bytes: Uint8Array, fromMs: number): number | undefined {
  const start = source.offsetAt(fromMs);
  const at = Buffer.from(source.read(start, 10 * source.bytesPerSecond)).indexOf(bytes);
  return at < 0 ? undefined : start + at;
}

test('26 deep-burst: minutes come at once, then nothing until they could have been played, then real time', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, lagMs: 0, readChunkBytes: 1_000 });
  engine.faults.set('deep-burst', { burstMs: 60_000 });
  const reader = await play(engine);
  await untilQuiet(reader);
  const burst = reader.bodyBytes;
  expect(burst / playout.bytesPerSecond).toBeCloseTo(60, 0);
  clock.advance(59_000);
  await untilQuiet(reader);
  expect(reader.bodyBytes).toBe(burst);
  clock.advance(3_000);
  await untilQuiet(reader);
  expect((reader.bodyBytes - burst) / playout.bytesPerSecond).toBeCloseTo(2, 1);
  const from = playout.offsetAt(1_790_000_000_000 - 60_000);
  const report = analyseTs(reader.body);
  expect(report.continuityErrors).toEqual([]);
  const startsLateByMs = (report.pcrs[0]!.ticks - analyseTs(playout.read(from, 200_000)).pcrs[0]!.ticks) / TICKS_PER_MS;
  expect(Math.abs(startsLateByMs)).toBeLessThan(200);
});

test('faults on streams begin when their time has come', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('stall-forever', { afterMs: 3_000 });
  await delay(50);
  const before = reader.bodyBytes;
  clock.advance(2_000);
  await untilQuiet(reader);
  expect((reader.bodyBytes - before) / playout.bytesPerSecond).toBeCloseTo(2, 1);
  clock.advance(1_000);
  await untilQuiet(reader);
  const stalled = reader.bodyBytes;
  clock.advance(5_000);
  await untilQuiet(reader);
  expect(reader.bodyBytes).toBe(stalled);
});

test('a fault with a number of times meets that many readers', async () => {
  const engine = await testEngine();
  engine.faults.set('end-early', { afterBytes: 10_000, times: 2 });
  const { playback_url } = await start(engine);
  for (let round = 0; round < 2; round += 1) {
    const reader = await readPlayback(playback_url);
    await reader.ended;
    expect(reader.bodyBytes).toBe(10_000);
    await until('the reader is gone', () => engine.state().downloads[0]?.reader === null);
  }
  await (await readPlayback(playback_url)).untilBody(50_000);
  expect(engine.faults.list()[0]).toMatchObject({ name: 'end-early', met: 2, times: 2 });
});

test('two faults work on one stream', async () => {
  const { engine, clock, reader } = await reading();
  engine.faults.set('timestamp-jump', { jumpMs: 1_000_000 });
  engine.faults.set('stall', { durationMs: 2_000, lostMs: 0, afterMs: 1_000 });
  await delay(50);
  clock.advance(1_000);
  await untilQuiet(reader);
  const before = reader.bodyBytes;
  clock.advance(1_000);
  await untilQuiet(reader);
  expect(reader.bodyBytes).toBe(before);
  clock.advance(3_000);
  await untilQuiet(reader);
  expect(pcrJumps(analyseTs(reader.body), playout.bytesPerSecond)).toEqual([1_000_000]);
});
