import { describe, expect, it } from 'vitest';
import { isLooping, type LoopingStream, LoopingStreams } from './looping-streams.ts';

const nowMs = Date.UTC(2026, 0, 1);
const ago = (seconds: number): number => nowMs / 1_000 - seconds;

describe('isLooping', () => {
  it.each([
    ['a newest piece older than the threshold', ago(3_601), true],
    ['exactly as old', ago(3_600), false],
    ['a fresh one', ago(5), false],
    ['none', undefined, false],
    ['the epoch', 0, false],
    ['a clock of 1970', 86_400, false],
    ['a clock of 2019', Date.UTC(2019, 11, 31) / 1_000, false],
    ['a clock of 2051', Date.UTC(2051, 0, 1) / 1_000, false],
    ['something that is no number', Number.NaN, false],
  ])('%s', (_title, liveLast, looping) => {
    expect(isLooping(liveLast, nowMs, 3_600)).toBe(looping);
  });
});

describe('LoopingStreams', () => {
  const list = (retentionMs = 0, stored: unknown = undefined) => {
    let now = 1_000;
    let kept: readonly LoopingStream[] = [];
    const streams = new LoopingStreams({
      stored,
      keep: (next) => {
        kept = next;
      },
      retentionMs: () => retentionMs,
      now: () => now,
    });
    return {
      streams,
      kept: () => kept,
      at(time: number) {
        now = time;
      },
    };
  };

  it('knows a content by either name in any case, once', () => {
    const { streams } = list();
    expect(streams.add('aBc', 'def')).toBe(true);
    expect(streams.add('abc', 'xyz')).toBe(false);
    expect(streams.add('other', 'DEF'.toLowerCase())).toBe(false);
    expect([streams.has('ABC'), streams.has('DEF'), streams.has('ghi')]).toEqual([true, true, false]);
    expect(streams.remove('DEF')).toBe(true);
    expect(streams.remove('abc')).toBe(false);
  });

  it('lets go after the retention, or never', () => {
    const { streams, at, kept } = list(500);
    streams.add('a', 'b');
    at(1_500);
    expect(streams.has('a')).toBe(true);
    at(1_501);
    expect([streams.has('a'), kept()]).toEqual([false, []]);
    const forEver = list(0);
    forEver.streams.add('a', 'b');
    forEver.at(1e15);
    expect(forEver.streams.has('b')).toBe(true);
  });

  it('comes back from what was kept, and from nonsense as nothing', () => {
    const { streams, kept } = list();
    streams.add('a', 'b');
    expect(list(0, kept()).streams.has('b')).toBe(true);
    expect(list(0, [{ content: 1 }]).streams.list()).toEqual([]);
  });
});
