import { expect, test } from 'vitest';
import { type FakeSegments, fakeSegments } from '../src/testing.ts';
import { discontinuities, read } from './read-playlist.ts';
import { slowToClose } from './slow-to-close.ts';
import { playThree, stage } from './stage.ts';

/** What became of a move so far. */
function follow(move: Promise<boolean>): { moved: boolean | undefined } {
  const outcome: { moved: boolean | undefined } = { moved: undefined };
  void move.then((moved) => {
    outcome.moved = moved;
  });
  return outcome;
}

test('a stream that is moved goes on with the old source until the new one has a segment, then behind a discontinuity', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const move = follow(s.proxy.move('news'));
  await s.clock.advance(0);
  const [old, other] = s.sources;
  old!.segment(5_000);
  await s.clock.advance(0);
  expect(s.proxy.stats('news')).toMatchObject({ state: 'live', window: { segments: 4 }, sourcesOpened: 2 });
  expect([move.moved, old!.closedWith]).toEqual([undefined, []]);
  other!.segment(5_000);
  await s.clock.advance(0);
  expect([move.moved, old!.closedWith, other!.closedWith]).toEqual([true, ['moved'], []]);
  other!.segment(5_000);
  await s.clock.advance(0);
  const playlist = await read(s);
  expect([playlist.mediaSequenceBase, playlist.segments.length, discontinuities(playlist)]).toEqual([0, 6, [4]]);
  expect(s.eventsNamed('sourceEnd')).toEqual([]);
  expect(s.eventsNamed('moved')).toEqual([{ key: 'news', attempt: 2 }]);
});

test('a source that says that it is ready takes over before its first segment', async () => {
  const sources: FakeSegments[] = [];
  const ready = Promise.withResolvers<void>();
  await using s = stage({
    open: () => {
      const source = fakeSegments();
      sources.push(source);
      return sources.length === 1 ? source : Object.assign(source, { ready: ready.promise });
    },
  });
  const first = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) sources[0]!.segment(5_000);
  await first;
  const move = follow(s.proxy.move('news'));
  await s.clock.advance(0);
  expect(move.moved).toBeUndefined();
  ready.resolve();
  await s.clock.advance(0);
  expect([move.moved, sources[0]!.closedWith, s.proxy.stats('news')!.state]).toEqual([true, ['moved'], 'live']);
  sources[1]!.segment(5_000);
  await s.clock.advance(0);
  const playlist = await read(s);
  expect([playlist.segments.length, discontinuities(playlist)]).toEqual([4, [3]]);
});

test('the segment that is arriving is taken to its end before a stream moves', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const open = s.sources[0]!.open();
  open.part();
  await s.clock.advance(0);
  const move = follow(s.proxy.move('news'));
  await s.clock.advance(0);
  s.sources[1]!.segment(4_000);
  await s.clock.advance(0);
  expect(move.moved).toBeUndefined();
  open.part();
  open.finish(5_000);
  await s.clock.advance(0);
  expect(move.moved).toBe(true);
  const { segments } = await read(s);
  expect(segments.map(({ duration }) => duration)).toEqual([5, 5, 5, 5, 4]);
  expect(s.proxy.stats('news')!.segments.lost).toBe(0);
});

test('where no other source can be had, a stream stays where it is and can be moved later', async () => {
  let refuses = true;
  const seen: boolean[] = [];
  const sources: FakeSegments[] = [];
  await using s = stage({
    open: async (_key, { moving }) => {
      seen.push(moving);
      if (moving && refuses) throw new Error('all engines are full');
      sources.push(fakeSegments());
      return sources.at(-1)!;
    },
  });
  const first = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) sources[0]!.segment(5_000);
  await first;
  expect(await s.proxy.move('news')).toBe(false);
  expect(s.eventsNamed('sourceEnd')).toMatchObject([{ attempt: 2, segments: 0 }]);
  sources[0]!.segment(5_000);
  await s.clock.advance(0);
  expect(s.proxy.stats('news')).toMatchObject({ state: 'live', window: { segments: 4 } });
  refuses = false;
  const later = s.proxy.move('news');
  await s.clock.advance(0);
  sources[1]!.segment(5_000);
  expect(await later).toBe(true);
  expect(seen).toEqual([false, true, true]);
});

test('one that ends or breaks before its first segment takes over from nobody, and is closed', async () => {
  await using s = stage();
  await playThree(s, 'news');
  for (const [at, finish] of [
    [1, (source: FakeSegments) => source.end()],
    [2, (source: FakeSegments) => source.fail(new Error('reset'))],
  ] as const) {
    const move = s.proxy.move('news');
    await s.clock.advance(0);
    finish(s.sources[at]!);
    expect(await move).toBe(false);
    expect(s.sources[at]!.closedWith).toEqual(['failed']);
  }
  expect([s.sources.length, s.sources[0]!.closedWith]).toEqual([3, []]);
});

test('a source that fails while its stream is being moved is followed by the one that is coming, and by no third', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const move = follow(s.proxy.move('news'));
  await s.clock.advance(0);
  s.sources[0]!.fail(new Error('engine killed'));
  await s.clock.advance(5_000);
  expect([s.sources.length, s.sources[0]!.closedWith, s.proxy.stats('news')!.state]).toEqual([
    2,
    ['failed'],
    'recovering',
  ]);
  s.sources[1]!.segment(5_000);
  await s.clock.advance(0);
  expect([move.moved, s.proxy.stats('news')!.state, discontinuities(await read(s))]).toEqual([true, 'live', [3]]);
});

test('when both fail a third one is opened', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const move = follow(s.proxy.move('news'));
  await s.clock.advance(0);
  s.sources[0]!.fail(new Error('engine killed'));
  s.sources[1]!.fail(new Error('engine killed, too'));
  await s.clock.advance(500);
  expect([move.moved, s.sources.length]).toEqual([false, 3]);
  s.sources[2]!.segment(5_000);
  await s.clock.advance(0);
  expect(s.proxy.stats('news')!.state).toBe('live');
});

test('a session that ends while it is moved closes both sources once', async () => {
  for (const isReady of [false, true]) {
    await using s = stage();
    await playThree(s, 'news');
    s.sources[0]!.open().part();
    const move = s.proxy.move('news');
    await s.clock.advance(0);
    if (isReady) s.sources[1]!.segment(5_000);
    await s.clock.advance(0);
    await s.proxy.stop('news');
    expect(await move).toBe(false);
    expect(s.sources.map(({ closedWith }) => closedWith)).toEqual([['stopped'], ['stopped']]);
  }
});

test('the last viewer that leaves while its stream is moved ends both', async () => {
  await using s = stage();
  await playThree(s, 'news');
  const move = s.proxy.move('news');
  await s.clock.advance(28_000 + 15_000);
  expect(await move).toBe(false);
  expect(s.sources.map(({ closedWith }) => closedWith)).toEqual([['idle'], ['idle']]);
});

test('a source that takes its time to close holds up neither the move nor what comes after, and is waited for at the end', async () => {
  const sources: FakeSegments[] = [];
  const closed = Promise.withResolvers<void>();
  await using s = stage({
    open: (_key, { moving }) => {
      const source = moving ? fakeSegments() : slowToClose(closed.promise);
      sources.push(source);
      return source;
    },
  });
  const first = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) sources[0]!.segment(5_000);
  await first;
  const move = s.proxy.move('news');
  await s.clock.advance(0);
  sources[1]!.segment(5_000);
  expect(await move).toBe(true);
  sources[1]!.segment(5_000);
  await s.clock.advance(0);
  expect(s.proxy.stats('news')!.window.segments).toBe(5);
  const ended = follow(s.proxy.stop('news'));
  await s.clock.advance(0);
  expect(ended.moved).toBeUndefined();
  closed.resolve();
  await s.clock.advance(0);
  expect([ended.moved, sources[0]!.closedWith, sources[1]!.closedWith]).toEqual([true, ['moved'], ['stopped']]);
});

test('there is nothing to move without viewers, before the first playlist, while another move is on, or where nothing runs', async () => {
  await using s = stage();
  expect(await s.proxy.move('news')).toBe(false);
  const first = s.proxy.playlist('news');
  await s.clock.advance(0);
  expect(await s.proxy.move('news')).toBe(false);
  for (let count = 0; count < 3; count++) s.sources[0]!.segment(5_000);
  await first;
  const one = s.proxy.move('news');
  expect(await s.proxy.move('news')).toBe(false);
  await s.clock.advance(0);
  s.sources[1]!.segment(5_000);
  expect(await one).toBe(true);
  await s.clock.advance(28_000);
  expect(s.proxy.stats('news')!.lingering).toBe(true);
  expect(await s.proxy.move('news')).toBe(false);
  expect(s.sources).toHaveLength(2);
});

test('the target duration is raised for a source with longer segments that takes over', async () => {
  const durations = [4_000, 9_000];
  const sources: FakeSegments[] = [];
  await using s = stage({
    open: () => {
      sources.push(fakeSegments({ targetDurationMs: durations[sources.length]! }));
      return sources.at(-1)!;
    },
  });
  const first = s.proxy.playlist('news');
  await s.clock.advance(0);
  for (let count = 0; count < 3; count++) sources[0]!.segment(4_000);
  await first;
  const move = s.proxy.move('news');
  await s.clock.advance(0);
  sources[1]!.segment(9_000);
  await move;
  await s.clock.advance(0);
  const { targetDuration, segments } = await read(s);
  expect([targetDuration, segments.map(({ duration }) => duration)]).toEqual([9, [4, 4, 4, 9]]);
});
