import { openPlayout, resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { analyseTs } from '@acestream-orchestrator/engine-simulator/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, cut, durations, lateKeyframes, media, packetsOf, SIX_SECONDS } from '../test/cuts.ts';
import { NULL_PID, PACKET_BYTES, PCR_TICKS_PER_MS, PCR_WRAP, pidOf, startsUnit } from './packet.ts';
import { SegmentCutter } from './segment-cutter.ts';
import { TEST_PIDS, type TransportStreamOptions, transportStream } from './testing.ts';

test('a segment ends before the first keyframe after two thirds of the target', () => {
  const cuts = cut(transportStream({ durationMs: 20_000, gopMs: 1_000 }));
  expect(durations(cuts)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000]);
  expect(cuts.some(({ discontinuity }) => discontinuity)).toBe(false);
});

test('every segment starts with PAT and PMT, then the keyframe, and can be decoded by itself', () => {
  for (const contentId of ['1', '5', '7'].map((digit) => digit.repeat(40))) {
    const playout = openPlayout(resolveContentId(contentId)!);
    const bytes = playout.read(playout.offsetAt(1.7e12), Math.round((playout.bytesPerSecond * 30) / 188) * 188);
    const cuts = cut(bytes);
    expect(cuts.length).toBeGreaterThan(4);
    for (const [index, segment] of cuts.entries()) {
      const { start, continuityErrors, keyframes } = analyseTs(bytesOf(segment));
      expect(start).toEqual({ pat: 0, pmt: 188, video: 376, keyframe: 376, decodable: true });
      expect(continuityErrors).toEqual([]);
      const next = cuts[index + 1];
      if (next === undefined) continue;
      const nextPts = analyseTs(bytesOf(next)).keyframes[0]!.pts!;
      const distance = ((nextPts - keyframes[0]!.pts! + 2 ** 33) % 2 ** 33) / 90;
      expect(segment.durationMs).toBeCloseTo(distance, 1);
    }
    expect(analyseTs(media(cuts)).continuityErrors).toEqual([]);
    expect(analyseTs(media(cuts)).timestampErrors).toEqual([]);
  }
});

test('without a keyframe in time a segment ends at the target, and then at the next keyframe', () => {
  const cuts = cut(transportStream({ durationMs: 24_000, gopMs: 8_000 }));
  expect(durations(cuts)).toEqual([6_000, 2_000, 6_000, 2_000, 6_000, 2_000]);
  expect(cuts.map(({ parts }) => parts[0]!.independent)).toEqual([true, false, true, false, true, false]);
});

test('a keyframe is taken early when the next one would come too late', () => {
  // Two distances would be 7 s.
  const cuts = cut(transportStream({ durationMs: 28_000, gopMs: 3_500, frameMs: 50 }));
  expect(durations(cuts)).toEqual(new Array(8).fill(3_500));
});

test('no segment is ever longer than the target', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(20, 40, 50, 100, 200),
      fc.integer({ min: 2_000, max: 12_000 }),
      (frames, frameMs, targetDurationMs) => {
        const stream = transportStream({ durationMs: 30_000, gopMs: frames * frameMs, frameMs, packetsPerFrame: 1 });
        const cuts = cut(stream, { targetDurationMs, partDurationMs: 350 });
        for (const { durationMs } of cuts) expect(durationMs).toBeLessThanOrEqual(targetDurationMs + 1);
      },
    ),
    { numRuns: 40 },
  );
});

test('radio is cut by time, from the first tables on that come among its media', () => {
  const cuts = cut(transportStream({ durationMs: 22_000, audioOnly: true }));
  expect(durations(cuts)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000, 1_000]);
  expect(cuts[1]!.parts.every(({ independent }) => independent)).toBe(true);
  expect(pidOf(bytesOf(cuts[1]!), 2 * PACKET_BYTES)).toBe(TEST_PIDS.audio);
});

test('packets that complete an open audio PES stay in the segment in which it began', () => {
  // An audio PES is seven frames long and a segment a hundred: it is open at every cut but each seventh.
  const options = { durationMs: 29_000, gopMs: 1_000, audioPesMs: 280 };
  const stream = transportStream(options);
  const cuts = cut(stream);
  expect(cuts.length).toBe(8);
  for (const segment of cuts) {
    const audio = packetsOf(bytesOf(segment), TEST_PIDS.audio);
    expect(startsUnit(audio, 0)).toBe(true);
  }
  for (const pid of [TEST_PIDS.audio, TEST_PIDS.video]) {
    expect(packetsOf(media(cuts), pid).equals(packetsOf(stream, pid))).toBe(true);
  }
});

test('packets that complete an open audio PES stay in it also where a keyframe is known only after them', () => {
  const late = lateKeyframes({ durationMs: 29_000, audioPesMs: 280 });
  const cuts = cut(late);
  expect(durations(cuts)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 4_000, 1_000]);
  for (const segment of cuts) {
    expect(startsUnit(packetsOf(bytesOf(segment), TEST_PIDS.audio), 0)).toBe(true);
    expect(startsUnit(packetsOf(bytesOf(segment), TEST_PIDS.video), 0)).toBe(true);
  }
  for (const pid of [TEST_PIDS.audio, TEST_PIDS.video]) {
    expect(packetsOf(media(cuts), pid).equals(packetsOf(late, pid))).toBe(true);
  }
});

test('where an audio PES that was open at a cut is never completed, the segment is, a second later', () => {
  const stream = transportStream({ durationMs: 7_000, audioPesMs: 280 });
  const packets: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const isLost = pidOf(stream, at) === TEST_PIDS.audio && at > (stream.length / 7) * 3.9;
    if (!isLost) packets.push(stream.subarray(at, at + PACKET_BYTES));
  }
  const cutter = new SegmentCutter(SIX_SECONDS);
  const until = (fromMs: number, toMs: number): number[] => {
    const [from, to] = [fromMs, toMs].map((ms) => Math.round((packets.length * ms) / 7_000));
    return packets
      .slice(from, to)
      .flatMap((packet) =>
        cutter.push(packet, 0).flatMap((event) => (event.type === 'end' ? [Math.round(event.durationMs)] : [])),
      );
  };
  expect(until(0, 4_800)).toEqual([]);
  expect(until(4_800, 5_500)).toEqual([4_000]);
});

test('any split of the stream is cut into the same segments', () => {
  const stream = transportStream({ durationMs: 14_000, audioPesMs: 280, nullPackets: 1 });
  const whole = cut(stream).map(bytesOf);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 40 }), (lengths) => {
      const runs: Uint8Array[] = [];
      let from = 0;
      for (const packets of lengths) {
        runs.push(stream.subarray(from, from + packets * PACKET_BYTES));
        from = Math.min(stream.length, from + packets * PACKET_BYTES);
      }
      runs.push(stream.subarray(from));
      const split = cut(runs).map(bytesOf);
      expect(split.length).toBe(whole.length);
      expect(split.every((bytes, index) => bytes.equals(whole[index]!))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test('nothing of the program is lost, added or reordered on its PID, and nothing else gets in', () => {
  fc.assert(
    fc.property(
      fc.record({
        gopMs: fc.integer({ min: 1, max: 200 }).map((frames) => frames * 40),
        audioPesMs: fc.integer({ min: 1, max: 12 }).map((frames) => frames * 40),
        nullPackets: fc.integer({ min: 0, max: 2 }),
        startPcr: fc.constantFrom(0, PCR_WRAP - 5_000 * PCR_TICKS_PER_MS),
      }),
      (options: TransportStreamOptions) => {
        const stream = transportStream({ durationMs: 20_000, packetsPerFrame: 2, ...options });
        const cuts = cut(stream);
        const bytes = media(cuts);
        for (const pid of [TEST_PIDS.audio, TEST_PIDS.video]) {
          expect(packetsOf(bytes, pid).equals(packetsOf(stream, pid))).toBe(true);
        }
        expect(packetsOf(bytes, NULL_PID).length).toBe(0);
        expect(cuts.reduce((sum, { durationMs }) => sum + durationMs!, 0)).toBeCloseTo(20_000, 0);
      },
    ),
    { numRuns: 40 },
  );
});
