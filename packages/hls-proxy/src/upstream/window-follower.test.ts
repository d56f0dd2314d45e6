import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { UpstreamSegment, UpstreamWindow } from './read-playlist.ts';
import { WindowFollower } from './window-follower.ts';

function segment(sequence: number): UpstreamSegment {
  return {
    ...{ sequence, url: `http://up/${sequence}.ts`, span: undefined, durationMs: 5_000, discontinuity: false },
    ...{ programDateTimeMs: undefined, gap: false, key: undefined, map: undefined },
  };
}

function windowAt(mediaSequence: number, count: number): UpstreamWindow {
  const segments = Array.from({ length: count }, (_, index) => segment(mediaSequence + index));
  return { kind: 'media', targetDurationMs: 6_000, mediaSequence, ended: false, segments };
}

test('however a window moves, what it has is taken once and in order', () => {
  const moves = fc.array(fc.record({ by: fc.nat(6), count: fc.integer({ min: 6, max: 12 }) }), { maxLength: 40 });
  fc.assert(
    fc.property(moves, (list) => {
      const follower = new WindowFollower(8);
      const taken = follower.take(windowAt(0, 6)).map(({ sequence }) => sequence);
      let start = 0;
      let end = 6;
      for (const { by, count } of list) {
        // A window ends no earlier than the one before.
        start = Math.min(start + by, end);
        end = Math.max(end, start + count);
        taken.push(...follower.take(windowAt(start, end - start)).map(({ sequence }) => sequence));
      }
      expect(taken).toEqual(Array.from({ length: end }, (_, index) => index));
    }),
  );
});

test('a long first window is joined at its newest segments', () => {
  expect(new WindowFollower(3).take(windowAt(100, 50)).map(({ sequence }) => sequence)).toEqual([147, 148, 149]);
});

test('what was missed shows as a discontinuity', () => {
  const follower = new WindowFollower(8);
  follower.take(windowAt(0, 3));
  const fresh = follower.take(windowAt(10, 2));
  expect(fresh.map(({ sequence, discontinuity }) => [sequence, discontinuity])).toEqual([
    [10, true],
    [11, false],
  ]);
});

test('one older copy of the playlist is ignored, a second one is a new count', () => {
  const follower = new WindowFollower(8);
  follower.take(windowAt(500, 5));
  expect(follower.take(windowAt(498, 5))).toEqual([]);
  expect(follower.take(windowAt(501, 5)).map(({ sequence }) => sequence)).toEqual([505]);
  expect(follower.take(windowAt(0, 2))).toEqual([]);
  expect(follower.take(windowAt(0, 3)).map(({ sequence, discontinuity }) => [sequence, discontinuity])).toEqual([
    [0, true],
    [1, false],
    [2, false],
  ]);
});

test('a window that moves under numbers that do not is followed by its segments', () => {
  const follower = new WindowFollower(8);
  const unnumbered = (from: number, count: number): UpstreamWindow => ({
    ...windowAt(0, count),
    segments: windowAt(from, count).segments.map((each, index) => ({ ...each, sequence: index })),
  });
  const urls = [unnumbered(0, 4), unnumbered(1, 4), unnumbered(1, 4), unnumbered(4, 4)].flatMap((window) => {
    const isNew = follower.hasNew(window);
    const fresh = follower.take(window);
    expect(isNew).toBe(fresh.length > 0);
    return fresh.map(({ url, sequence, discontinuity }) => [url, sequence, discontinuity]);
  });
  expect(urls).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((number) => [`http://up/${number}.ts`, number, false]));
});
