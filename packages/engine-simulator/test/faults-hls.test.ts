import { expect, test } from 'vitest';
import { openPlayout, resolveContentId, type SimulatedEngine } from '../src/index.ts';
import { analyseTs } from '../src/testing/index.ts';
import { CONTENT_ID, ManualClock, rawGet, start, testEngine } from './test-engine.ts';

const playout = openPlayout(resolveContentId(CONTENT_ID)!);

interface Session {
  readonly engine: SimulatedEngine;
  readonly clock: ManualClock;
  readonly playbackUrl: string;
  readonly segmentUrls: () => Promise<string[]>;
}

/** An HLS session whose clock stands still. */
async function openSession(): Promise<Session> {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now });
  const { playback_url } = await start(engine, undefined, '/ace/manifest.m3u8');
  const segmentUrls = async (): Promise<string[]> =>
    (await (await fetch(playback_url)).text()).split('\n').filter((line) => line.startsWith('http'));
  await segmentUrls();
  return { engine, clock, playbackUrl: playback_url, segmentUrls };
}

const getBytes = async (url: string): Promise<Uint8Array> => new Uint8Array(await (await fetch(url)).arrayBuffer());

test('9 end-early: a segment is cut short, and nothing says so', async () => {
  const { engine, segmentUrls } = await openSession();
  const [url] = await segmentUrls();
  const whole = await getBytes(url!);
  engine.faults.set('end-early', { afterBytes: 10_000, times: 1 });
  const short = await getBytes(url!);
  expect(short.length).toBe(10_000);
  expect(Buffer.compare(short, whole.subarray(0, 10_000))).toBe(0);
  expect((await getBytes(url!)).length).toBe(whole.length);
});

test('10 reset-mid-packet: the connection of a segment is reset', async () => {
  const { engine, segmentUrls } = await openSession();
  const [url] = await segmentUrls();
  engine.faults.set('reset-mid-packet', { afterBytes: 10_000 });
  const connection = rawGet(url!);
  expect(await connection.ended).toBe('reset');
  expect(connection.bodyBytes).toBe(10_000);
});

test('11 stall: the playlist stands still, then several segments come at once', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  engine.faults.set('stall', { durationMs: 20_000 });
  const before = await segmentUrls();
  clock.advance(19_000);
  expect(await segmentUrls()).toEqual(before);
  clock.advance(1_000);
  expect((await segmentUrls()).length).toBeGreaterThanOrEqual(before.length + 3);
});

test('12 stall-forever: the playlist stands still until the fault is cleared', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  engine.faults.set('stall-forever');
  const before = await segmentUrls();
  clock.advance(40_000);
  expect(await segmentUrls()).toEqual(before);
  await engine.faults.clear();
  expect((await segmentUrls()).length).toBeGreaterThan(before.length + 5);
});

test('13 slow-drip: the playlist grows more slowly than the clock', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  engine.faults.set('slow-drip', { ratio: 0.5 });
  const before = await segmentUrls();
  clock.advance(40_000);
  const grown = (await segmentUrls()).length - before.length;
  expect(grown).toBeGreaterThanOrEqual(3);
  expect(grown).toBeLessThanOrEqual(5);
});

test('14 timestamp-jump: the timestamps of new segments jump', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  const last = (await segmentUrls()).at(-1)!;
  engine.faults.set('timestamp-jump', { jumpMs: 1_000_000 });
  clock.advance(13_000);
  const next = (await segmentUrls()).at(-1)!;
  const [before, after] = [analyseTs(await getBytes(last)), analyseTs(await getBytes(next))];
  const jumpMs = (after.keyframes[0]!.pts! - before.keyframes[0]!.pts!) / 90;
  expect(jumpMs).toBeGreaterThan(1_000_000);
  expect(jumpMs).toBeLessThan(1_020_000);
});

test('15 new-program: new segments are of another codec and whole', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  engine.faults.set('new-program', { channel: '7'.repeat(40) });
  clock.advance(13_000);
  const report = analyseTs(await getBytes((await segmentUrls()).at(-1)!));
  expect(report.start).toMatchObject({ pat: 0, decodable: true });
  expect([...report.pids.values()].map(({ streamType }) => streamType)).toContain(0x24);
});

test('21 no-peers: the playlist ends where the cache ends', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  engine.faults.set('no-peers', { cachedMs: 10_000 });
  clock.advance(20_000);
  const dry = await segmentUrls();
  clock.advance(60_000);
  expect(await segmentUrls()).toEqual(dry);
});

test('24 looped: new segments carry old content', async () => {
  const { engine, clock, segmentUrls } = await openSession();
  engine.faults.set('looped', { periodMs: 60_000, ageMs: 600_000 });
  clock.advance(13_000);
  const { pcrs } = analyseTs(await getBytes((await segmentUrls()).at(-1)!));
  const now = analyseTs(playout.read(playout.offsetAt(clock.ms), 200_000)).pcrs[0]!.ticks;
  const ageSeconds = (now - pcrs[0]!.ticks) / 27_000_000;
  expect(ageSeconds).toBeGreaterThan(595);
  expect(ageSeconds).toBeLessThan(625);
});
