import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type FromPlaylistOptions, fromPlaylist, type SegmentSource } from '../src/index.ts';
import { fakeClock } from '../src/testing.ts';
import { answered } from './answered.ts';
import { take, until } from './take.ts';
import { livePlaylist, putWindow, type UpstreamOrigin, upstreamOrigin } from './upstream-origin.ts';

const TARGET_MS = 5_000;

function source(origin: UpstreamOrigin, options: FromPlaylistOptions = {}, path = '/live.m3u8') {
  const clock = fakeClock();
  return { clock, live: fromPlaylist(origin.url + path, { clock, ...options }) };
}

/** Lets sockets bring what is on its way, then time pass. */
async function pass(clock: ReturnType<typeof fakeClock>, ms: number, hanging = 0): Promise<void> {
  await answered(hanging);
  await clock.advance(ms);
  await answered();
}

async function ending(live: SegmentSource, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await live.close!('stopped');
  }
}

test('a window that moves by three brings all three, in order; one that moves further brings all as well', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 10, 13);
  const { clock, live } = source(origin);
  await ending(live, async () => {
    const taking = take(live);
    await taking.reach(4);
    putWindow(origin, 13, 16);
    await pass(clock, TARGET_MS);
    await taking.reach(7);
    putWindow(origin, 17, 30);
    await pass(clock, TARGET_MS);
    const taken = await taking.reach(21);
    expect(taken.map(({ text }) => text)).toEqual(Array.from({ length: 21 }, (_, index) => `segment ${10 + index}`));
    expect(taken.some(({ segment }) => segment.discontinuity)).toBe(false);
    expect(origin.count('/13.ts')).toBe(1);
    expect(live.targetDurationMs).toBe(TARGET_MS);
  });
});

test('segments are fetched beside each other, no more than there are connections', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 20);
  const { live } = source(origin, { connections: 3, initialSegments: 20 });
  await ending(live, async () => {
    const taken = await take(live).reach(20);
    expect(taken.map(({ segment }) => segment.sequence)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(origin.busiest).toBe(3);
  });
});

test('the playlist is loaded again after a target duration when it was new, after half of one when it was not', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  const { clock, live } = source(origin);
  await ending(live, async () => {
    await take(live).reach(3);
    const loads = (): number => origin.count('/live.m3u8');
    await pass(clock, TARGET_MS - 1);
    expect(loads()).toBe(1);
    await pass(clock, 1);
    expect(loads()).toBe(2);
    await pass(clock, TARGET_MS / 2 - 1);
    expect(loads()).toBe(2);
    putWindow(origin, 1, 3);
    await pass(clock, 1);
    expect(loads()).toBe(3);
    await pass(clock, TARGET_MS - 1);
    expect(loads()).toBe(3);
    await pass(clock, 1);
    expect(loads()).toBe(4);
  });
});

test('a failed fetch is tried again; what cannot be had becomes a gap, and the rest goes on', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 4);
  let tries = 0;
  origin.files.set('/1.ts', (_request, response) => {
    tries++;
    if (tries === 1) response.destroy();
    else response.end('segment 1');
  });
  origin.files.delete('/3.ts');
  const { clock, live } = source(origin);
  await ending(live, async () => {
    const taking = take(live);
    for (let step = 0; step < 8 && taking.taken.length < 5; step++) await pass(clock, 250);
    const texts = taking.taken.map(({ text }) => text);
    expect(texts).toEqual(['segment 0', 'segment 1', 'segment 2', undefined, 'segment 4']);
    expect([tries, origin.count('/3.ts'), origin.count('/4.ts')]).toEqual([2, 3, 1]);
    expect(taking.taken[3]!.segment.expectedDurationMs).toBe(4_000);
  });
});

test('a fetch that hangs is given up in time for another', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  let tries = 0;
  origin.files.set('/1.ts', (_request, response) => {
    if (++tries > 1) response.end('segment 1');
  });
  const { clock, live } = source(origin);
  await ending(live, async () => {
    const taking = take(live);
    await taking.reach(1);
    await pass(clock, 5_000, 1);
    await pass(clock, 250);
    expect((await taking.reach(3)).map(({ text }) => text)).toEqual(['segment 0', 'segment 1', 'segment 2']);
  });
});

test('a segment without bytes or with too many is a gap', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  origin.files.set('/0.ts', '');
  origin.files.set('/1.ts', 'x'.repeat(2_000));
  const { clock, live } = source(origin, { maxSegmentBytes: 1_000 });
  await ending(live, async () => {
    const taking = take(live);
    for (let step = 0; step < 8 && taking.taken.length < 3; step++) await pass(clock, 250);
    expect(taking.taken.map(({ text }) => text)).toEqual([undefined, undefined, 'segment 2']);
  });
});

test('failed loads of the playlist are survived, and nothing is missed', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  const { clock, live } = source(origin);
  await ending(live, async () => {
    const taking = take(live);
    await taking.reach(3);
    origin.files.set('/live.m3u8', (_request, response) => response.writeHead(500).end());
    await pass(clock, TARGET_MS);
    origin.files.set('/live.m3u8', '<html>busy</html>');
    await pass(clock, TARGET_MS / 2);
    putWindow(origin, 3, 5);
    await pass(clock, TARGET_MS / 2);
    const taken = await taking.reach(6);
    expect(taken.map(({ segment }) => [segment.sequence, segment.discontinuity])).toEqual(
      [0, 1, 2, 3, 4, 5].map((sequence) => [sequence, false]),
    );
  });
});

test('a stream that ends is over after its last segment', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  origin.files.set('/live.m3u8', `${origin.files.get('/live.m3u8')}#EXT-X-ENDLIST\n`);
  const { live } = source(origin);
  await ending(live, async () => {
    const taking = take(live);
    expect(await taking.ended).toBeUndefined();
    expect(taking.taken.map(({ text }) => text)).toEqual(['segment 0', 'segment 1', 'segment 2']);
  });
});

test.each([
  ['nothing new for half a minute', () => {}, 'upstream_stale'],
  ['a playlist that is gone', ({ files }: UpstreamOrigin) => void files.delete('/live.m3u8'), 'upstream_status'],
])('%s ends the source', async (_what, change, code) => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  const { clock, live } = source(origin);
  await ending(live, async () => {
    const taking = take(live);
    await taking.reach(3);
    change(origin);
    let error: unknown;
    taking.ended.then((thrown) => {
      error = thrown;
    });
    for (let step = 0; step < 20 && error === undefined; step++) await pass(clock, TARGET_MS / 2);
    expect(error).toMatchObject({ code, retryable: true });
  });
});

test('a playlist that hangs ends the source when nothing new has come for too long, whatever time a load may take', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  const { clock, live } = source(origin, { playlistTimeoutMs: 600_000 });
  await ending(live, async () => {
    const taking = take(live);
    await taking.reach(3);
    origin.files.set('/live.m3u8', () => {});
    let error: unknown;
    taking.ended.then((thrown) => {
      error = thrown;
    });
    for (let step = 0; step < 14 && error === undefined; step++) {
      // It asks again: the request is on its way, and stays so.
      await delay(30);
      await clock.advance(TARGET_MS / 2);
    }
    await delay(30);
    expect(error).toMatchObject({ code: 'upstream_unreachable', retryable: true });
  });
});

test.each([
  ['a status', '/none.m3u8', 'upstream_status'],
  ['a page', '/page.m3u8', 'bad_playlist'],
  ['a master without variants', '/empty.m3u8', 'bad_playlist'],
  ['a master of masters', '/masters.m3u8', 'bad_playlist'],
  ['redirects without end', '/around.m3u8', 'upstream_status'],
])('%s instead of a playlist is an error at once', async (_what, path, code) => {
  await using origin = await upstreamOrigin();
  origin.files.set('/page.m3u8', '<html>');
  origin.files.set('/empty.m3u8', '#EXTM3U\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1,URI="x"\n');
  origin.files.set('/masters.m3u8', '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nmasters.m3u8\n');
  origin.files.set('/around.m3u8', (_, response) => response.writeHead(302, { location: 'around.m3u8' }).end());
  const { live } = source(origin, {}, path);
  await ending(live, async () => expect(await take(live).ended).toMatchObject({ code }));
});

test('an address where nothing listens is an error at once', async () => {
  const live = fromPlaylist('http://127.0.0.1:1/live.m3u8');
  await ending(live, async () => expect(await take(live).ended).toMatchObject({ code: 'upstream_unreachable' }));
});

test('after a redirect the playlist is loaded again from where it led', async () => {
  await using origin = await upstreamOrigin();
  origin.files.set('/start', (_, response) => response.writeHead(302, { location: '/session/7/live.m3u8' }).end());
  origin.files.set('/session/7/live.m3u8', livePlaylist(0, ['a.ts']));
  origin.files.set('/session/7/a.ts', 'from the session');
  const { clock, live } = source(origin, {}, '/start');
  await ending(live, async () => {
    expect((await take(live).reach(1))[0]!.text).toBe('from the session');
    await pass(clock, TARGET_MS);
    await until(() => origin.count('/session/7/live.m3u8') === 2, 'a second load');
    expect(origin.count('/start')).toBe(1);
  });
});

test('its signal ends it', async () => {
  await using origin = await upstreamOrigin();
  putWindow(origin, 0, 2);
  const leaving = new AbortController();
  const { live } = source(origin, { signal: leaving.signal });
  await ending(live, async () => {
    const taking = take(live);
    await taking.reach(3);
    leaving.abort(new Error('enough'));
    expect(await taking.ended).toMatchObject({ message: 'enough' });
  });
});
