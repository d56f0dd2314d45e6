import { openPlayout, resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { analyseTs } from '@acestream-orchestrator/engine-simulator/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CutEvent } from './open-segment.ts';
import {
  discontinuityPacket,
  NULL_PID,
  PACKET_BYTES,
  PCR_TICKS_PER_MS,
  PCR_WRAP,
  pidOf,
  startsUnit,
} from './packet.ts';
import type { Part } from './segment-contract.ts';
import { SegmentCutter } from './segment-cutter.ts';
import { TEST_PIDS, type TransportStreamOptions, transportStream } from './testing.ts';

interface Cut {
  readonly discontinuity: boolean;
  readonly parts: Part[];
  durationMs: number | undefined;
}

const SIX_SECONDS = { targetDurationMs: 6_000, partDurationMs: 350 };

/** Everything that was cut; the last segment is open, unless the stream was finished. */
function collect(events: readonly CutEvent[]): Cut[] {
  const cuts: Cut[] = [];
  for (const event of events) {
    if (event.type === 'segment') cuts.push({ discontinuity: event.discontinuity, parts: [], durationMs: undefined });
    else if (event.type === 'part') cuts.at(-1)!.parts.push(event.part);
    else cuts.at(-1)!.durationMs = event.durationMs;
  }
  return cuts;
}

function cut(runs: Uint8Array | readonly Uint8Array[], options = SIX_SECONDS): Cut[] {
  const cutter = new SegmentCutter(options);
  const all = runs instanceof Uint8Array ? [runs] : runs;
  const events = all.flatMap((run) => cutter.push(run, 0));
  return collect([...events, ...cutter.finish()]);
}

const bytesOf = ({ parts }: Cut): Buffer => Buffer.concat(parts.flatMap(({ data }) => data));
const durations = (cuts: readonly Cut[]): number[] => cuts.map(({ durationMs }) => Math.round(durationMs!));
const partDurations = ({ parts }: Cut): number[] => parts.map(({ durationMs }) => Math.round(durationMs));

/** Packets of one PID, in order, without the PAT and PMT that were put before each segment. */
function packetsOf(bytes: Uint8Array, pid: number): Buffer {
  const kept: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    if (pidOf(bytes, at) === pid) kept.push(bytes.subarray(at, at + PACKET_BYTES));
  }
  return Buffer.concat(kept);
}

const media = (cuts: readonly Cut[]): Buffer => Buffer.concat(cuts.map(bytesOf));

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

test('parts are at most as long as asked for and, where frames allow it, at least 85 % of that', () => {
  for (const fps of [24, 25, 29.97, 30, 50, 60]) {
    const frameMs = 1_000 / fps;
    const cuts = cut(
      transportStream({ durationMs: frameMs * fps * 20, gopMs: frameMs * 30, frameMs, packetsPerFrame: 1 }),
    );
    for (const { parts, durationMs } of cuts.slice(0, -1)) {
      for (const part of parts) expect(part.durationMs).toBeLessThanOrEqual(351);
      for (const part of parts.slice(0, -1)) expect(part.durationMs).toBeGreaterThanOrEqual(0.85 * 350);
      expect(parts.reduce((sum, part) => sum + part.durationMs, 0)).toBeCloseTo(durationMs!, 3);
    }
  }
});

test('where units have no even length, a part still does not become too long', () => {
  const radio = openPlayout(resolveContentId('8'.repeat(40))!);
  const bytes = radio.read(radio.offsetAt(1.7e12), Math.round((radio.bytesPerSecond * 30) / 188) * 188);
  for (const segment of cut(bytes)) for (const part of segment.parts) expect(part.durationMs).toBeLessThanOrEqual(351);
});

test('parts are out while the segment goes on', () => {
  const stream = transportStream({ durationMs: 4_000 });
  const cutter = new SegmentCutter(SIX_SECONDS);
  const [segment] = collect(cutter.push(stream, 0));
  expect(segment!.durationMs).toBeUndefined();
  expect(partDurations(segment!).slice(0, 11)).toEqual(new Array(11).fill(320));
});

test('parts of an even stream are views of the memory they came in', () => {
  const stream = transportStream({ durationMs: 9_000 });
  const runs = [stream.subarray(0, 100 * PACKET_BYTES), stream.subarray(100 * PACKET_BYTES)];
  for (const { parts } of cut(runs)) {
    for (const [index, { data }] of parts.entries()) {
      const views = index === 0 ? data.slice(1) : data;
      expect(views).toHaveLength(1);
      expect(views[0]!.buffer).toBe(stream.buffer);
    }
  }
});

test('the 33-bit wrap of PCR and PTS is no discontinuity and no jump in duration', () => {
  for (const audioOnly of [false, true]) {
    const wrap = { durationMs: audioOnly ? 21_000 : 20_000, startPcr: PCR_WRAP - 7_000 * PCR_TICKS_PER_MS, audioOnly };
    const cuts = cut(transportStream(wrap));
    expect(durations(cuts)).toEqual([4_000, 4_000, 4_000, 4_000, 4_000]);
    expect(cuts.some(({ discontinuity }) => discontinuity)).toBe(false);
  }
});

test('a jump of the time base starts a new segment at the next keyframe, as a discontinuity', () => {
  for (const audioOnly of [false, true]) {
    const durationMs = audioOnly ? 11_000 : 10_000;
    const before = transportStream({ durationMs, audioOnly });
    const after = transportStream({ durationMs, startPcr: 3_600_000 * PCR_TICKS_PER_MS, audioOnly });
    for (const [first, second] of [
      [before, after],
      [after, before],
    ]) {
      const cuts = cut([first!, second!]);
      expect(durations(cuts)).toEqual([4_000, 4_000, 2_000, 4_000, 4_000, 2_000]);
      expect(cuts.map(({ discontinuity }) => discontinuity)).toEqual([false, false, false, true, false, false]);
    }
  }
});

test('media that is missing is a discontinuity', () => {
  const stream = transportStream({ durationMs: 20_000 });
  const second = stream.length / 20;
  const cuts = cut([stream.subarray(0, 6 * second), stream.subarray(11 * second)]);
  expect(cuts.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false, false]);
  expect(durations(cuts)).toEqual([4_000, 2_000, 4_000, 4_000, 1_000]);
});

test('a mark of discontinuity on the PAT is one, however well the rest would fit', () => {
  const stream = transportStream({ durationMs: 12_000 });
  const second = stream.length / 12;
  const cuts = cut([stream.subarray(0, 5 * second), discontinuityPacket(0, 5), stream.subarray(5 * second)]);
  expect(durations(cuts)).toEqual([4_000, 1_000, 4_000, 3_000]);
  expect(cuts.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false]);
});

test('another program is a discontinuity', () => {
  const video = transportStream({ durationMs: 5_000 });
  const radio = transportStream({ durationMs: 6_000, startPcr: 5_000 * PCR_TICKS_PER_MS, audioOnly: true });
  const cuts = cut([video, radio]);
  expect(cuts.map(({ discontinuity }) => discontinuity)).toEqual([false, false, true, false]);
});

test('a stream that starts in the middle begins with its first keyframe', () => {
  const stream = transportStream({ durationMs: 9_000, audioPesMs: 280 });
  const second = stream.length / 9;
  const from = Math.floor((second * 1.4) / PACKET_BYTES) * PACKET_BYTES;
  const [first] = cut(stream.subarray(from));
  expect(analyseTs(bytesOf(first!)).start.decodable).toBe(true);
  expect(startsUnit(packetsOf(bytesOf(first!), TEST_PIDS.audio), 0)).toBe(true);
});

test('scrambled video without a keyframe to be seen is cut at the target by the clock of the stream', () => {
  const stream = transportStream({ durationMs: 25_000, randomAccess: false });
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    if (pidOf(stream, at) === TEST_PIDS.video) stream[at + 3]! |= 0x80;
  }
  const cuts = cut(stream);
  // Five seconds were spent waiting for a keyframe.
  expect(durations(cuts)).toEqual([6_000, 6_000, 6_000, 2_000]);
  expect(cuts.some(({ discontinuity }) => discontinuity)).toBe(false);
});

test('video that stays away while audio goes on does not keep a segment open', () => {
  const stream = transportStream({ durationMs: 30_000 });
  const second = stream.length / 30;
  const kept: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const isPicture = pidOf(stream, at) === TEST_PIDS.video;
    // A packet that carries nothing but the PCR stays of every frame.
    const packet = stream.slice(at, at + PACKET_BYTES);
    if (isPicture && at > 3 * second) {
      if (!startsUnit(packet, 0)) continue;
      packet.set([packet[1]! & ~0x40], 1);
      packet.set([(packet[3]! & 0x0f) | 0x20, PACKET_BYTES - 5], 3);
    }
    kept.push(packet);
  }
  const cuts = cut(kept);
  expect(cuts.length).toBeGreaterThanOrEqual(5);
  for (const { durationMs } of cuts) expect(durationMs).toBeLessThanOrEqual(6_001);
  expect(cuts.some(({ discontinuity }) => discontinuity)).toBe(false);
});
