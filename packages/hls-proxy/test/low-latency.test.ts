import { parse, setOptions, type types } from 'hls-parser';
import { expect, test } from 'vitest';
import type { HlsProxyOptions } from '../src/index.ts';
import type { FakeSegment } from '../src/testing.ts';
import { player } from './player.ts';
import { type Stage, stage } from './stage.ts';

setOptions({ strictMode: true });

/** Three segments of twelve parts, and a fourth one that is open. */
async function playParts(options: Partial<HlsProxyOptions> = {}): Promise<{ s: Stage; open: FakeSegment }> {
  const s = stage(options);
  const waiting = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) {
    const segment = s.sources[0]!.open();
    for (let part = 0; part < 12; part++) {
      segment.part();
      await s.clock.advance(333);
    }
    segment.finish();
    await s.clock.advance(0);
  }
  await waiting;
  return { s, open: s.sources[0]!.open() };
}

/** Whether a promise has settled by now, with all that is possible already. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  const note = (): void => {
    done = true;
  };
  promise.then(note, note);
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

function read(body: Buffer): types.MediaPlaylist {
  return parse(String(body)) as types.MediaPlaylist;
}

test('a blocking reload is answered when its segment is there, and not before', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  const reload = s.proxy.playlist('news', { msn: 3 });
  open.part();
  expect(await settled(reload)).toBe(false);
  open.finish();
  expect(read(await reload).segments.at(-1)!.uri).toBe('3.ts');
});

test('a blocking reload for a part is answered when that part is there', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  open.part();
  await s.clock.advance(333);
  const reload = s.proxy.playlist('news', { msn: 3, part: 1, lowLatency: true });
  expect(await settled(reload)).toBe(false);
  open.part();
  const playlist = read(await reload);
  expect(playlist.segments.at(-1)!.parts.map(({ uri, hint }) => [uri, hint])).toEqual([
    ['3.0.ts', false],
    ['3.1.ts', false],
    ['3.2.ts', true],
  ]);
  expect(playlist.partTargetDuration).toBe(0.333);
});

test('a part past the end of its segment means the first of the next one', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  expect(await settled(s.proxy.playlist('news', { msn: 2, part: 11 }))).toBe(true);
  const reload = s.proxy.playlist('news', { msn: 2, part: 12 });
  expect(await settled(reload)).toBe(false);
  open.part();
  await reload;
});

test('two hundred who wait are woken by the part, with one playlist', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  const before = s.proxy.stats('news')!.requests.playlistsBuilt;
  const reloads = Array.from({ length: 200 }, () => s.proxy.playlist('news', { msn: 3, part: 0, lowLatency: true }));
  await s.clock.advance(0);
  open.part();
  const bodies = new Set(await Promise.all(reloads));
  expect(bodies.size).toBe(1);
  expect(s.proxy.stats('news')!.requests.playlistsBuilt).toBe(before + 1);
});

test('a reload too far ahead is refused, one that is not answered in time as well', async () => {
  const { s } = await playParts();
  await using _ = s;
  await expect(s.proxy.playlist('news', { msn: 5 })).rejects.toMatchObject({ code: 'bad_directive', status: 400 });
  const reload = s.proxy.playlist('news', { msn: 4 }).catch((error: unknown) => error);
  await s.clock.advance(18_000);
  expect(await reload).toMatchObject({ code: 'reload_timeout', status: 503 });
});

test('low-latency tags come only when asked for', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  open.part();
  await s.clock.advance(0);
  const tags = /EXT-X-(PART|PRELOAD-HINT|SERVER-CONTROL)/;
  expect(String(await s.proxy.playlist('news'))).not.toMatch(tags);
  expect(String(await s.proxy.playlist('news', { lowLatency: true }))).toMatch(tags);
  const other = await playParts({ lowLatency: true });
  await using __ = other.s;
  expect(String(await other.s.proxy.playlist('news'))).toMatch(tags);
  expect(String(await other.s.proxy.playlist('news', { lowLatency: false }))).not.toMatch(tags);
});

test('a source that does not cut parts has no low-latency playlist', async () => {
  await using s = stage();
  const waiting = s.proxy.playlist('news', { lowLatency: true });
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) s.sources[0]!.segment(5_000);
  expect(String(await waiting)).not.toContain('PART');
  expect(s.proxy.stats('news')!.window.partHoldBackMs).toBeUndefined();
});

test('players are told to stay behind the gaps between arrivals', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  const holdBack = async (): Promise<number> =>
    read(await s.proxy.playlist('news', { lowLatency: true })).lowLatencyCompatibility!.partHoldBack;
  expect(await holdBack()).toBeCloseTo(1.333, 3);
  // A burst after four seconds of nothing, as engines send.
  await s.clock.advance(4_000);
  for (let part = 0; part < 12; part++) open.part();
  open.finish();
  await s.clock.advance(0);
  expect(await holdBack()).toBeCloseTo(5.333, 3);
});

test('the hinted part is waited for; when it does not come, it is not found', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  const hinted = s.proxy.segment('news', '3.0.ts');
  expect(await settled(hinted)).toBe(false);
  open.part({ data: [Buffer.from('part'), Buffer.from('ial')] });
  const { data, byteLength } = await hinted;
  expect([Buffer.concat(data).toString(), byteLength]).toEqual(['partial', 7]);
  const never = s.proxy.segment('news', '3.1.ts').catch((error: unknown) => error);
  const whole = s.proxy.segment('news', '3.ts');
  await s.clock.advance(0);
  open.finish();
  expect(await never).toMatchObject({ code: 'not_found' });
  expect((await whole).byteLength).toBe(7);
  await expect(s.proxy.segment('news', '9.ts')).rejects.toMatchObject({ code: 'not_found' });
});

test('a viewer that takes parts is known as one, and how far it is behind', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  const viewer = player(`${await s.listen()}/news.m3u8`);
  await viewer.enter();
  for (let part = 0; part < 3; part++) open.part();
  await (await viewer.get('3.0.ts')).arrayBuffer();
  expect(s.proxy.stats('news')!.viewers).toMatchObject([{ lowLatency: true, lagMs: 666, skips: 0 }]);
  await (await viewer.get('2.11.ts')).arrayBuffer();
  expect(s.proxy.stats('news')!.viewers).toMatchObject([{ lowLatency: true, lagMs: 999 }]);
});

test('a short part is listed with what follows it, for only the last of a segment may be short', async () => {
  const { s, open } = await playParts();
  await using _ = s;
  open.part();
  const reload = s.proxy.playlist('news', { msn: 3, part: 1, lowLatency: true });
  await s.clock.advance(0);
  open.part({ durationMs: 120 });
  expect(await settled(reload)).toBe(false);
  open.finish();
  const last = read(await reload).segments.findLast(({ uri }) => uri === '3.ts')!;
  expect(last.parts.map(({ duration }) => duration)).toEqual([0.333, 0.12]);
});
