import { expect, test } from 'vitest';
import { CHANNELS } from '../channels.ts';
import { openPlayout } from '../playout/open-playout.ts';
import { analyseTs } from '../testing/index.ts';
import { findCut, secondsBetween } from './find-cut.ts';

const NOW = 1_790_000_000_000;

test.each(CHANNELS.map((channel) => [channel.name, channel] as const))(
  'a cut of %s is a PAT before a keyframe',
  (_name, channel) => {
    const playout = openPlayout(channel);
    for (const fromMs of [NOW, NOW + 333, NOW + 4_999]) {
      const cut = findCut(playout, fromMs)!;
      expect(playout.timeOf(cut.offset)).toBeGreaterThanOrEqual(fromMs);
      expect(playout.timeOf(cut.offset)).toBeLessThan(fromMs + 3_000);
      expect(analyseTs(playout.read(cut.offset, 300_000)).start).toMatchObject({ pat: 0, decodable: true });
    }
  },
);

test('a cut depends on the stream alone, not on where the search began', () => {
  const playout = openPlayout(CHANNELS[0]!);
  const cut = findCut(playout, NOW)!;
  expect(findCut(playout, playout.timeOf(cut.offset) - 1)).toEqual(cut);
});

test('the time between cuts is that between their keyframes, across the wrap too', () => {
  expect(secondsBetween({ offset: 0, ptsTicks: 90_000 }, { offset: 1, ptsTicks: 540_000 })).toBe(5);
  expect(secondsBetween({ offset: 0, ptsTicks: 2 ** 33 - 90_000 }, { offset: 1, ptsTicks: 90_000 })).toBe(2);
});
