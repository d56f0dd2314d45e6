import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CHANNELS } from '../src/index.ts';
import { analyseTs } from '../src/testing/index.ts';
import { CONTENT_ID, getJson, ManualClock, rawGet, start, testEngine, until } from './test-engine.ts';

const HLS = '/ace/manifest.m3u8';

interface Playlist {
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly segments: readonly { readonly url: string; readonly seconds: number }[];
}

async function getPlaylist(url: string): Promise<Playlist> {
  const response = await fetch(url);
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  const lines = text.split('\n');
  const tag = (name: string): number =>
    Number(lines.find((line) => line.startsWith(`${name}:`))?.slice(name.length + 1));
  expect(lines[0]).toBe('#EXTM3U');
  expect(text).not.toMatch(/ENDLIST|DISCONTINUITY/);
  const segments = lines.flatMap((line, at) =>
    line.startsWith('#EXTINF:') ? [{ seconds: Number.parseFloat(line.slice(8)), url: lines[at + 1]! }] : [],
  );
  return { targetDuration: tag('#EXT-X-TARGETDURATION'), mediaSequence: tag('#EXT-X-MEDIA-SEQUENCE'), segments };
}

async function getBytes(url: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

test('the first playlist waits for prebuffering', async () => {
  const engine = await testEngine({ startDelayMs: 250 });
  const { playback_url } = await start(engine, undefined, HLS);
  const waiting = rawGet(playback_url);
  await delay(100);
  expect(waiting.bytesReceived).toBe(0);
  await waiting.ended;
  expect(waiting.status).toBe(200);
  expect(waiting.header('Content-Type')).toBe('application/vnd.apple.mpegurl');
});

test('the playlist starts at 0, and its window holds up to 17 segments that move with the clock', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now });
  const { playback_url, infohash } = await start(engine, undefined, HLS);
  const first = await getPlaylist(playback_url);
  expect(first.mediaSequence).toBe(0);
  expect(first.segments.length).toBeGreaterThanOrEqual(2);
  expect(first.segments[0]!.url).toBe(`${engine.url}/ace/c/${infohash}/0.ts`);

  clock.advance(200_000);
  const later = await getPlaylist(playback_url);
  expect(later.segments).toHaveLength(17);
  expect(later.mediaSequence).toBeGreaterThanOrEqual(40 + first.segments.length - 17 - 1);
  expect(later.segments[0]!.url).toBe(`${engine.url}/ace/c/${infohash}/${later.mediaSequence}.ts`);
});

test.each(CHANNELS.map(({ name, contentId }) => [name, contentId!]))(
  'segments of %s last 4 to 6.4 s, start with PAT, PMT and a keyframe, and follow on one another',
  async (_name, contentId) => {
    const clock = new ManualClock();
    const engine = await testEngine({ now: clock.now });
    const { playback_url } = await start(engine, `id=${contentId}`, HLS);
    await getPlaylist(playback_url);
    clock.advance(30_000);
    const { segments, targetDuration } = await getPlaylist(playback_url);
    const bodies: Uint8Array[] = [];
    for (const { url, seconds } of segments.slice(0, 6)) {
      expect(seconds).toBeGreaterThan(4);
      expect(seconds).toBeLessThan(6.5);
      expect(Math.round(seconds)).toBeLessThanOrEqual(targetDuration);
      const body = await getBytes(url);
      expect(body.length % 188).toBe(0);
      expect(analyseTs(body).start).toMatchObject({ pat: 0, decodable: true });
      bodies.push(body);
    }
    const whole = analyseTs(bodies);
    expect(whole.continuityErrors).toEqual([]);
    expect(whole.timestampErrors).toEqual([]);
    const ticks = whole.pcrs.at(-1)!.ticks - whole.pcrs[0]!.ticks;
    const announced = segments.slice(0, 6).reduce((sum, { seconds }) => sum + seconds, 0);
    expect(Math.abs(ticks / 27_000_000 - announced)).toBeLessThan(0.3);
  },
);

test('several clients read one HLS session: the same list, the same bytes', async () => {
  const engine = await testEngine({ now: new ManualClock().now });
  const { playback_url } = await start(engine, undefined, HLS);
  const lists = await Promise.all([getPlaylist(playback_url), getPlaylist(playback_url)]);
  expect(lists[1]).toEqual(lists[0]);
  const [one, two] = await Promise.all([getBytes(lists[0]!.segments[0]!.url), getBytes(lists[0]!.segments[0]!.url)]);
  expect(Buffer.compare(one!, two!)).toBe(0);
});

test('a newer HLS session of the content makes the old playlist answer 403', async () => {
  const engine = await testEngine();
  const old = await start(engine, `id=${CONTENT_ID}&pid=a`, HLS);
  await getPlaylist(old.playback_url);
  const newer = await start(engine, `id=${CONTENT_ID}&pid=b`, HLS);
  expect((await fetch(old.playback_url)).status).toBe(403);
  expect(newer.playback_session_id).not.toBe(old.playback_session_id);
  expect((await getPlaylist(newer.playback_url)).mediaSequence).toBe(0);
  expect(await getJson(old.stat_url)).toEqual({ response: null, error: 'unknown playback session id' });
});

test('every older playlist answers 403, not only the last one', async () => {
  const engine = await testEngine();
  const answers = [];
  for (const pid of ['a', 'b', 'c']) answers.push(await start(engine, `id=${CONTENT_ID}&pid=${pid}`, HLS));
  const statuses = await Promise.all(answers.map(async ({ playback_url }) => (await fetch(playback_url)).status));
  expect(statuses).toEqual([403, 403, 200]);
});

test('the window goes on while nobody looks', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now, readerIdleStopMs: 7_200_000 });
  const { playback_url } = await start(engine, undefined, HLS);
  const first = await getPlaylist(playback_url);
  clock.advance(3_600_000);
  const later = await getPlaylist(playback_url);
  expect(later.mediaSequence + later.segments.length).toBe(first.segments.length + 720);
  const newest = analyseTs(await getBytes(later.segments.at(-1)!.url));
  const wrapMs = 2 ** 33 / 90;
  const ageMs = (clock.ms - newest.pcrs.at(-1)!.ticks / 27_000) % wrapMs;
  expect(ageMs).toBeGreaterThan(1_900);
  expect(ageMs).toBeLessThan(10_000);
});

test('after a stop the playlists answer 500, the superseded one too', async () => {
  const engine = await testEngine();
  const old = await start(engine, `id=${CONTENT_ID}&pid=a`, HLS);
  const newer = await start(engine, `id=${CONTENT_ID}&pid=b`, HLS);
  await getJson(`${newer.command_url}?method=stop`);
  expect((await fetch(newer.playback_url)).status).toBe(500);
  expect((await fetch(old.playback_url)).status).toBe(500);
});

test('the superseded player gets its place back by starting again', async () => {
  const engine = await testEngine();
  const first = await start(engine, `id=${CONTENT_ID}&pid=a`, HLS);
  const second = await start(engine, `id=${CONTENT_ID}&pid=b`, HLS);
  await start(engine, `id=${CONTENT_ID}&pid=a`, HLS);
  await getPlaylist(first.playback_url);
  expect((await fetch(second.playback_url)).status).toBe(403);
});

test.each([404, 500] as const)('a segment outside the window answers %i, by option', async (missingSegmentStatus) => {
  const engine = await testEngine({ missingSegmentStatus });
  const { playback_url, infohash } = await start(engine, undefined, HLS);
  await getPlaylist(playback_url);
  expect((await fetch(`${engine.url}/ace/c/${infohash}/999.ts`)).status).toBe(missingSegmentStatus);
});

test('asking for the playlist or a segment keeps the session alive', async () => {
  const clock = new ManualClock();
  const engine = await testEngine({ now: clock.now });
  const { playback_url, infohash } = await start(engine, undefined, HLS);
  await getPlaylist(playback_url);
  for (let poll = 0; poll < 2; poll += 1) {
    clock.advance(40_000);
    await getPlaylist(playback_url);
    clock.advance(40_000);
    await fetch(`${engine.url}/ace/c/${infohash}/0.ts`);
    await delay(150);
  }
  expect(engine.state().downloads).toHaveLength(1);
  clock.advance(60_000);
  await until('the download has ended', () => engine.state().downloads.length === 0);
});
