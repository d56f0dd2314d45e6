import { expect, test } from 'vitest';
import { CHANNELS } from '../../channels.ts';
import { openPlayout } from '../../playout/open-playout.ts';
import { analyseTs } from '../../testing/index.ts';
import { remapPids } from './remap-pids.ts';
import { transformPackets } from './transform-packets.ts';

const inner = openPlayout(CHANNELS[0]!);
const from = inner.offsetAt(1_790_000_000_000);
const read = (pidShift: number): ReturnType<typeof analyseTs> =>
  analyseTs(transformPackets(inner, 0, remapPids(pidShift)).read(from, 800_000));

test('the stream stays whole under other PIDs', () => {
  const [before, after] = [read(0), read(0x123)];
  expect(after).toMatchObject({ sectionErrors: 0, continuityErrors: [], timestampErrors: [], syncLosses: [] });
  const streams = (report: typeof after): (readonly [number, number])[] =>
    [...report.pids.values()].flatMap(({ pid, streamType }) =>
      streamType === undefined ? [] : [[pid, streamType] as const],
    );
  expect(streams(after)).toEqual(streams(before).map(([pid, type]) => [pid + 0x123, type]));
  expect(after.pcrs.length).toBe(before.pcrs.length);
});

test('the SDT keeps its PID', () => {
  expect(read(0x123).pids.has(0x11)).toBe(true);
});
