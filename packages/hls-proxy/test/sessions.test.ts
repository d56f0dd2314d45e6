import { expect, test } from 'vitest';
import { HlsProxyError } from '../src/index.ts';
import { fakeSegments } from '../src/testing.ts';
import { playThree, stage } from './stage.ts';

const nothing = async (): Promise<never> => {
  throw new Error('nobody there');
};

test('ten first viewers in the same moment cost one session, and each has the playlist when three segments are there', async () => {
  await using s = stage();
  const waiting = Array.from({ length: 10 }, () => s.proxy.playlist('news'));
  const other = s.proxy.playlist('sport');
  await s.clock.advance(0);
  expect(s.opened).toEqual(['news', 'sport']);
  // While one stream keeps its viewers waiting, another one answers.
  for (let count = 0; count < 3; count++) s.sources[1]!.segment(5_000);
  expect(String(await other)).toContain('2.ts');
  for (let count = 0; count < 2; count++) s.sources[0]!.segment(5_000);
  await s.clock.advance(0);
  expect(s.proxy.stats('news')).toMatchObject({ state: 'opening', window: { segments: 2 } });
  s.sources[0]!.segment(5_000);
  const texts = new Set((await Promise.all(waiting)).map(String));
  expect([...texts]).toEqual([expect.stringContaining('#EXT-X-MEDIA-SEQUENCE:0\n')]);
  expect(s.proxy.stats('news')!.requests).toMatchObject({ playlists: 10, playlistsBuilt: 1 });
});

test('a playlist is written once per change, however often it is asked for', async () => {
  await using s = stage();
  await playThree(s, 'news');
  for (let count = 0; count < 50; count++) await s.proxy.playlist('news');
  expect(s.proxy.stats('news')!.requests).toMatchObject({ playlists: 51, playlistsBuilt: 1 });
  s.sources[0]!.segment(5_000);
  await s.clock.advance(0);
  for (let count = 0; count < 50; count++) await s.proxy.playlist('news');
  expect(s.proxy.stats('news')!.requests.playlistsBuilt).toBe(2);
  const built = s.eventsNamed('playlist').filter((event) => event['built'] === true);
  expect(built).toHaveLength(2);
});

test('without a segment the first playlist is refused after its time, with when to come back', async () => {
  await using s = stage();
  const waiting = s.proxy.playlist('news').catch((error: unknown) => error);
  await s.clock.advance(29_000);
  const late = s.proxy.playlist('news').catch((error: unknown) => error);
  await s.clock.advance(1_000);
  for (const error of await Promise.all([waiting, late])) {
    expect(error).toBeInstanceOf(HlsProxyError);
    expect(error).toMatchObject({ code: 'not_ready', status: 503, retryable: true, retryAfterSeconds: 6 });
  }
});

test('one segment is better than nothing when the time is over', async () => {
  await using s = stage();
  const waiting = s.proxy.playlist('news');
  await s.clock.advance(0);
  s.sources[0]!.segment(5_000);
  await s.clock.advance(30_000);
  expect(String(await waiting)).toContain('0.ts');
});

test('a source that cannot be opened is tried three times, then everybody hears why', async () => {
  let tries = 0;
  await using s = stage({
    open: async () => {
      tries++;
      return nothing();
    },
  });
  const waiting = [1, 2].map(() => s.proxy.playlist('news').catch((error: unknown) => error));
  await s.clock.advance(5_000);
  for (const error of await Promise.all(waiting)) {
    expect(error).toMatchObject({ code: 'open_failed', status: 502, cause: { message: 'nobody there' } });
  }
  expect(tries).toBe(3);
  expect(s.proxy.has('news')).toBe(false);
  expect(s.eventsNamed('sessionEnd')).toMatchObject([{ reason: 'open_failed', segments: 0 }]);
});

test('a failure that says it is final is not tried again', async () => {
  let tries = 0;
  await using s = stage({
    open: async () => {
      tries++;
      throw Object.assign(new Error('no such channel'), { retryable: false, retryAfterSeconds: 30 });
    },
  });
  const error = await s.proxy.playlist('news').catch((refused: unknown) => refused);
  expect(error).toMatchObject({ code: 'open_failed', retryable: false, retryAfterSeconds: 30 });
  expect(tries).toBe(1);
});

test('who gives up does not cancel the opening for who still waits', async () => {
  await using s = stage();
  const leaving = new AbortController();
  const left = s.proxy.playlist('news', { signal: leaving.signal }).catch((error: unknown) => error);
  const staying = s.proxy.playlist('news');
  await s.clock.advance(0);
  leaving.abort(new Error('zapped away'));
  expect(await left).toMatchObject({ message: 'zapped away' });
  for (let count = 0; count < 3; count++) s.sources[0]!.segment(5_000);
  expect(String(await staying)).toContain('#EXTM3U');
});

test('stopping ends those who wait, and the source once', async () => {
  await using s = stage();
  const waiting = s.proxy.playlist('news').catch((error: unknown) => error);
  await s.clock.advance(0);
  expect(await s.proxy.stop('news')).toBe(true);
  expect(await waiting).toMatchObject({ code: 'session_ended', status: 503 });
  expect(await s.proxy.stop('news')).toBe(false);
  expect(s.sources[0]!.closedWith).toEqual(['stopped']);
});

test('closing ends everything, leaves no timer, and refuses what comes later', async () => {
  const s = stage();
  await playThree(s, 'news');
  const waiting = s.proxy.playlist('sport').catch((error: unknown) => error);
  await s.clock.advance(0);
  await s.proxy.close();
  await s.proxy.close();
  expect(await waiting).toMatchObject({ code: 'session_ended' });
  expect(s.sources.map(({ closedWith }) => closedWith)).toEqual([['shutdown'], ['shutdown']]);
  expect(s.clock.pending).toBe(0);
  await expect(s.proxy.playlist('news')).rejects.toMatchObject({ code: 'closed', retryable: false });
});

test('a source that comes although nobody wants it any more is closed', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const source = fakeSegments();
  await using s = stage({ open: () => promise.then(() => source) });
  const waiting = s.proxy.playlist('news').catch(() => {});
  await s.clock.advance(0);
  await s.proxy.stop('news');
  await waiting;
  resolve();
  await s.clock.advance(0);
  expect(source.closedWith).toEqual(['stopped']);
});

test('beyond the limit of sessions one that lingers makes room, else the newcomer is refused', async () => {
  await using s = stage({ limits: { sessions: 1 } });
  await playThree(s, 'news');
  await expect(s.proxy.playlist('sport')).rejects.toMatchObject({ code: 'too_many_sessions', status: 503 });
  await s.clock.advance(30_000);
  expect(s.proxy.stats('news')!.lingering).toBe(true);
  await playThree(s, 'sport');
  expect(s.proxy.has('news')).toBe(false);
  expect(s.sources[0]!.closedWith).toEqual(['reclaimed']);
});

test('a setting out of bounds and one that does not exist are refused at once', async () => {
  expect(() => stage({ window: { segments: 1 } })).toThrow(RangeError);
  expect(() => stage({ segment: { targetDurationMs: 5_500 } })).toThrow(RangeError);
  expect(() => stage({ window: { seconds: 1 } as object })).toThrow(TypeError);
  expect(() => stage({ windows: {} } as object)).toThrow(TypeError);
});
