import { parse, type types } from 'hls-parser';
import { expect, test } from 'vitest';
import type { FakeSegments } from '../src/testing.ts';
import { discontinuities, read } from './read-playlist.ts';
import { slowToClose } from './slow-to-close.ts';
import { playThree, stage } from './stage.ts';

test('when a source fails another one goes on, behind a discontinuity, and sequences never decrease', async () => {
  await using s = stage();
  await playThree(s, 'news');
  s.sources[0]!.segment(5_000);
  s.sources[0]!.fail(new Error('engine killed'));
  await s.clock.advance(0);
  expect(s.proxy.stats('news')!.state).toBe('recovering');
  await s.clock.advance(500);
  expect(s.sources).toHaveLength(2);
  for (let count = 0; count < 8; count++) {
    s.sources[1]!.segment(5_000);
    await s.clock.advance(1_500);
  }
  const playlist = await read(s);
  expect([playlist.mediaSequenceBase, playlist.targetDuration]).toEqual([4, 6]);
  expect(discontinuities(playlist)).toEqual([4]);
  s.sources[1]!.segment(5_000);
  await s.clock.advance(0);
  const later = await read(s);
  expect([later.mediaSequenceBase, later.discontinuitySequenceBase, discontinuities(later)]).toEqual([5, 1, []]);
  expect(s.sources[0]!.closedWith).toEqual(['failed']);
  expect(s.eventsNamed('sourceEnd')).toMatchObject([{ key: 'news', attempt: 1, segments: 4 }]);
});

test('another source is opened only when the one that failed has closed, for it may hold the place that is needed', async () => {
  const sources: FakeSegments[] = [];
  const closed = Promise.withResolvers<void>();
  await using s = stage({
    open: () => {
      const source = slowToClose(closed.promise);
      sources.push(source);
      return source;
    },
  });
  const first = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) sources[0]!.segment(5_000);
  await first;
  sources[0]!.fail(new Error('engine killed'));
  await s.clock.advance(5_000);
  expect(sources).toHaveLength(1);
  closed.resolve();
  await s.clock.advance(500);
  expect(sources).toHaveLength(2);
});

test('a segment that breaks off with its source becomes a gap', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const open = s.sources[0]!.open();
  open.part({ durationMs: 2_000 });
  open.lose();
  s.sources[0]!.fail(new Error('engine killed'));
  await s.clock.advance(500);
  s.sources[1]!.segment(5_000);
  await s.clock.advance(0);
  const { segments } = await read(s);
  expect(segments.map(({ gap, duration, discontinuity }) => [gap, duration, discontinuity])).toEqual([
    ...Array(3).fill([undefined, 5, undefined]),
    [true, 2, undefined],
    [undefined, 5, true],
  ]);
  await expect(s.proxy.segment('news', '3.ts')).rejects.toMatchObject({ code: 'not_found', status: 404 });
  expect(s.eventsNamed('segment').filter(({ lost }) => lost === true)).toMatchObject([{ sequence: 3, byteLength: 0 }]);
});

test('a source that leaves a segment out shows it as a discontinuity', async () => {
  await using s = stage();
  await playThree(s, 'news');
  s.sources[0]!.segment(5_000, { sequence: 7 });
  await s.clock.advance(0);
  expect(discontinuities(await read(s))).toEqual([3]);
});

test('without a source for a minute the session ends; the next request starts afresh where it stopped', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const [dying] = s.sources;
  dying!.fail(new Error('engine killed'));
  for (let second = 0; second < 70 && s.proxy.has('news'); second++) {
    await s.proxy.playlist('news');
    await s.clock.advance(1_000);
    s.sources.at(-1)!.fail(new Error('still dead'));
  }
  expect(s.proxy.has('news')).toBe(false);
  expect(s.eventsNamed('sessionEnd')).toMatchObject([{ reason: 'source_failed', segments: 3 }]);
  await playThree(s, 'news');
  const playlist = await read(s);
  expect([playlist.mediaSequenceBase, playlist.targetDuration]).toEqual([3, 6]);
  expect(discontinuities(playlist)).toEqual([3]);
});

test('a session that starts again after its linger goes on with its numbers', async () => {
  await using s = stage();
  await playThree(s, 'news');
  await s.clock.advance(28_000 + 15_000);
  expect(s.proxy.has('news')).toBe(false);
  await playThree(s, 'news');
  const playlist = await read(s);
  expect([playlist.mediaSequenceBase, discontinuities(playlist)]).toEqual([3, [3]]);
  await s.proxy.stop('news');
  await s.clock.advance(3_600_001);
  await playThree(s, 'news');
  expect((await read(s)).mediaSequenceBase).toBe(0);
});

test('a stream that is over says so, and is served until nobody wants it', async () => {
  await using s = stage();
  const waiting = s.proxy.playlist('news');
  await s.clock.advance(0);
  s.sources[0]!.segment(5_000);
  s.sources[0]!.end();
  const text = String(await waiting);
  expect(text).toContain('#EXT-X-ENDLIST');
  expect(String(await s.proxy.playlist('news', { msn: 4 }))).toBe(text);
  expect((await s.proxy.segment('news', '0.ts')).byteLength).toBe(3);
  await s.clock.advance(28_000 + 15_000);
  expect(s.eventsNamed('sessionEnd')).toMatchObject([{ reason: 'ended' }]);
  expect(s.sources[0]!.closedWith).toEqual(['ended']);
});

test('the target duration is that of the source, and does not grow with a longer segment', async () => {
  await using s = stage();
  const waiting = s.proxy.playlist('news');
  await s.clock.advance(0);
  const source = s.sources[0]!;
  for (const durationMs of [4_000, 6_000, 9_300]) source.segment(durationMs);
  const { targetDuration, segments } = parse(String(await waiting)) as types.MediaPlaylist;
  expect(targetDuration).toBe(6);
  expect(Math.max(...segments.map(({ duration }) => duration))).toBe(6);
  expect(s.proxy.stats('news')!.segments).toEqual({ total: 3, lost: 0, overlong: 1 });
});
