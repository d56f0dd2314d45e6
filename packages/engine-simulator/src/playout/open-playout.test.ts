import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { benchmarkChannel, CHANNELS, resolveContentId } from '../channels.ts';
import { runProcess } from '../testing/run-process.ts';
import { analyseTs } from '../testing/ts-analyser.ts';
import type { TsReport } from '../testing/ts-report.ts';
import { openPlayout } from './open-playout.ts';
import { CLOCK_WRAP, PACKET_BYTES } from './timeline.ts';

const NOW_MS = Date.UTC(2026, 10, 23, 12, 34, 56, 789);
/** A moment at which unix time in 90 kHz is a multiple of 2^33. */
const WRAP_MS = Math.ceil((NOW_MS * 90) / CLOCK_WRAP) * (CLOCK_WRAP / 90);
const VIDEO_H264 = CHANNELS[0]!;
const KINDS = [
  VIDEO_H264,
  CHANNELS.find((channel) => channel.media === 'h264-aac-8m')!,
  CHANNELS.find((channel) => channel.media === 'hevc-aac')!,
  CHANNELS.find((channel) => channel.media === 'radio-aac')!,
  benchmarkChannel({ bitsPerSecond: 4_000_000 }),
];

const sha1 = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

describe.each(KINDS.map((channel) => [channel.name, channel] as const))('%s', (_, channel) => {
  const playout = openPlayout(channel);
  /** Two seams and a bit before and after; starts with a loop. */
  const span = (aroundMs: number): { start: number; report: TsReport } => {
    const start = Math.floor(playout.offsetAt(aroundMs) / playout.loopBytes - 1) * playout.loopBytes;
    return { start, report: analyseTs(playout.read(start, 3 * playout.loopBytes)) };
  };

  const moments: [string, number][] = [
    ['now', NOW_MS],
    ['around the wrap of the clock', WRAP_MS],
  ];
  if (typeof channel.media === 'string') moments.push(['before offset 0', Date.UTC(2024)]);

  test.each(moments)('%s, three loops are one clean stream', (_when, ms) => {
    const { report } = span(ms);
    expect(report.syncLosses).toEqual([]);
    expect(report.sectionErrors).toBe(0);
    expect(report.continuityErrors).toEqual([]);
    expect(report.timestampErrors).toEqual([]);
    expect(report.start.decodable).toBe(true);
    expect(report.pcrs.length).toBeGreaterThan(20);
    for (const pid of report.pids.values()) expect(pid).toMatchObject({ discontinuities: 0, pesErrors: 0 });
  });

  test('around the wrap the clock really wraps', () => {
    const { start } = span(WRAP_MS);
    const end = start + 3 * playout.loopBytes;
    expect([playout.timeOf(start) < WRAP_MS, playout.timeOf(end) > WRAP_MS]).toEqual([true, true]);
  });

  test.each(moments)('%s, a PCR is the unix time at which its packet is due', (_when, ms) => {
    const { start, report } = span(ms);
    // Unwrapped ticks begin below the wrap; unix time is some whole number of wraps ahead.
    const unixTicks = playout.timeOf(start + report.pcrs[0]!.offset) * 27_000;
    const wraps = Math.round((unixTicks - report.pcrs[0]!.ticks) / (CLOCK_WRAP * 300)) * CLOCK_WRAP * 300;
    for (const { offset, ticks } of report.pcrs) {
      expect(Math.abs((ticks + wraps) / 27_000 - playout.timeOf(start + offset))).toBeLessThan(0.001);
    }
  });

  test('PCRs come every 40 ms or sooner, tables every 250 ms or sooner, keyframes every 2 s or sooner', () => {
    const { start, report } = span(NOW_MS);
    const steps = report.pcrs.slice(1).map((pcr, index) => pcr.ticks - report.pcrs[index]!.ticks);
    expect(Math.max(...steps) / 27_000).toBeLessThanOrEqual(40.001);
    const seconds = (3 * playout.loopBytes) / playout.bytesPerSecond;
    for (const pid of [0, 0x1000]) expect(report.pids.get(pid)!.packets).toBeGreaterThanOrEqual(seconds * 4);
    const keyframeTimes = report.keyframes.map((keyframe) => playout.timeOf(start + keyframe.offset));
    for (const [index, time] of keyframeTimes.slice(1).entries())
      expect(time - keyframeTimes[index]!).toBeLessThan(2200);
    expect(keyframeTimes.length === 0).toBe(channel.media === 'radio-aac');
  });

  test('decoding times run evenly across the seams and 0.2 to 1 s ahead of the clock', () => {
    const { report } = span(NOW_MS);
    const video = [...report.pids.values()].find((pid) => pid.streamType === 0x1b || pid.streamType === 0x24);
    if (video) expect(video.dtsStep).toEqual({ min: 3600, max: 3600 });
    const audio = [...report.pids.values()].find((pid) => pid.streamType === 0x0f);
    if (audio) expect(audio.dtsStep!.max).toBeLessThanOrEqual(24_000);
    for (const keyframe of report.keyframes) {
      const clock = report.pcrs.findLast((pcr) => pcr.offset <= keyframe.offset) ?? report.pcrs[0]!;
      const lead = (keyframe.pts! - clock.ticks / 300 + 3 * CLOCK_WRAP) % CLOCK_WRAP;
      expect(lead).toBeGreaterThan(18_000);
      expect(lead).toBeLessThan(90_000);
    }
  });

  test('any way to split a read gives the same bytes', () => {
    const around = playout.offsetAt(NOW_MS) - (playout.offsetAt(NOW_MS) % playout.loopBytes);
    fc.assert(
      fc.property(
        fc.integer({ min: -3000, max: 3000 }),
        fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 10 }),
        (shift, lengths) => {
          const parts: Uint8Array[] = [];
          let offset = around + shift;
          for (const length of lengths) {
            parts.push(playout.read(offset, length));
            offset += length;
          }
          const whole = playout.read(around + shift, offset - around - shift);
          expect(Buffer.compare(Buffer.concat(parts), whole)).toBe(0);
        },
      ),
    );
  });

  test('offsets and times agree with the rate', () => {
    const offset = playout.offsetAt(NOW_MS);
    expect(offset % PACKET_BYTES).toBe(0);
    expect(playout.timeOf(offset)).toBeGreaterThan(NOW_MS);
    expect(playout.timeOf(offset - PACKET_BYTES)).toBeLessThanOrEqual(NOW_MS);
    const later = playout.offsetAt(NOW_MS + 3_600_000);
    expect((later - offset) / 3600).toBeCloseTo(playout.bytesPerSecond, -1);
    expect(Math.abs(playout.bytesPerSecond * 8 - channel.bitsPerSecond)).toBeLessThan(1504);
  });

  test('a read gives memory of its own', () => {
    const offset = playout.offsetAt(NOW_MS);
    const first = playout.read(offset, 1000);
    const before = sha1(first);
    playout.read(offset, 1000).fill(0);
    expect(sha1(first)).toBe(before);
    expect(sha1(openPlayout(channel).read(offset, 1000))).toBe(before);
  });
});

test('two processes send the same bytes', async () => {
  const url = new URL('./open-playout.ts', import.meta.url).href;
  const channels = new URL('../channels.ts', import.meta.url).href;
  const script = `
    const { openPlayout } = await import('${url}');
    const { resolveContentId } = await import('${channels}');
    const { createHash } = await import('node:crypto');
    for (const id of process.argv.slice(1)) {
      const playout = openPlayout(resolveContentId(id));
      const bytes = playout.read(playout.offsetAt(${NOW_MS}) - 1_000_003, 2_000_000);
      console.log(createHash('sha1').update(bytes).digest('hex'));
    }`;
  const ids = KINDS.map((channel) => channel.contentId!);
  const there = await runProcess(process.execPath, ['--input-type=module', '-e', script, ...ids]);
  expect(there.stderr).toBe('');
  const here = ids.map((id) => {
    const playout = openPlayout(resolveContentId(id)!);
    return sha1(playout.read(playout.offsetAt(NOW_MS) - 1_000_003, 2_000_000));
  });
  expect(there.stdout.trim().split('\n')).toEqual(here);
});

test('channels that play the same loop differ in clock, transport stream id and service name', () => {
  const [one, two] = CHANNELS.filter((channel) => channel.media === 'h264-aac').map(openPlayout);
  expect(one!.timeOf(0)).not.toBe(two!.timeOf(0));
  const sections = [one!, two!].map((playout) => Buffer.from(playout.read(0, 2 * PACKET_BYTES)));
  expect(sections[0]!.includes('Test Card One')).toBe(true);
  expect(sections[1]!.includes('Test Card Two')).toBe(true);
  const streamIds = sections.map((bytes) => bytes.readUInt16BE(PACKET_BYTES + 8));
  expect(streamIds[0]).not.toBe(streamIds[1]);
});

test('an infohash that is none is refused', () => {
  expect(() => openPlayout({ ...VIDEO_H264, infohash: 'test' })).toThrow(TypeError);
});

test('a benchmark stream starts at offset 0 and at a bit rate within bounds', () => {
  expect(() => openPlayout(benchmarkChannel({ bitsPerSecond: 1_000_000 })).read(-188, 188)).toThrow(RangeError);
  expect(() => openPlayout({ ...VIDEO_H264, media: { bitsPerSecond: 1000 } })).toThrow(RangeError);
});
