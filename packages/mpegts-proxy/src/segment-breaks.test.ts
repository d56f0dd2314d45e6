import { analyseTs } from '@acestream-orchestrator/engine-simulator/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bytesOf, cut, durations, lateKeyframes, packetsOf, SIX_SECONDS } from '../test/cuts.ts';
import { discontinuityPacket, PACKET_BYTES, PCR_TICKS_PER_MS, PCR_WRAP, pidOf, startsUnit } from './packet.ts';
import { TEST_PIDS, transportStream } from './testing.ts';

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

test('of a PES that began in what is missing nothing is kept, however well the one before was complete', () => {
  // Seven frames each: one is complete before frame 154, another one goes over the keyframe of frame 225.
  const stream = transportStream({ durationMs: 12_000, audioPesMs: 280 });
  const kept: Uint8Array[] = [];
  let frame = -1;
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    if (pidOf(stream, at) === TEST_PIDS.video && startsUnit(stream, at)) frame++;
    if (frame < 154 || frame >= 225) kept.push(stream.subarray(at, at + PACKET_BYTES));
  }
  const cuts = cut(kept);
  const [behind] = cuts.filter(({ discontinuity }) => discontinuity);
  expect(startsUnit(packetsOf(bytesOf(behind!), TEST_PIDS.audio), 0)).toBe(true);
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

test('video that breaks off before it can be told whether it is a keyframe does not keep a segment open', () => {
  const stream = lateKeyframes({ durationMs: 30_000 });
  const brokenAt = (stream.length / 30) * 4 + 3 * PACKET_BYTES;
  const kept: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    if (pidOf(stream, at) !== TEST_PIDS.video || at < brokenAt) kept.push(stream.subarray(at, at + PACKET_BYTES));
  }
  const cuts = cut(kept);
  expect(cuts.length).toBeGreaterThanOrEqual(4);
  expect(cuts.some(({ discontinuity }) => discontinuity)).toBe(false);
  const sounds = cuts.map((segment) => packetsOf(bytesOf(segment), TEST_PIDS.audio));
  for (const sound of sounds.slice(0, -1)) expect(sound.length).toBeGreaterThan(50 * PACKET_BYTES);
  expect(Buffer.concat(sounds).equals(packetsOf(Buffer.concat(kept), TEST_PIDS.audio))).toBe(true);
});

const fault = fc.record({
  kind: fc.constantFrom('missing', 'another time base', 'mark on the PAT', 'mark on the clock'),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  packets: fc.integer({ min: 1, max: 700 }),
});
type Fault = typeof fault extends fc.Arbitrary<infer Value> ? Value : never;

const GOP_MS = 1_000;
const SECONDS = 14;
const options = { gopMs: GOP_MS, audioPesMs: 280, nullPackets: 1, packetsPerFrame: 2 };

/** The stream with a fault in it. */
function withFault(stream: Uint8Array, { kind, at, packets }: Fault): Uint8Array {
  const place = Math.floor((at * stream.length) / PACKET_BYTES) * PACKET_BYTES;
  const [before, behind] = [stream.subarray(0, place), stream.subarray(place)];
  if (kind === 'missing') return Buffer.concat([before, behind.subarray(packets * PACKET_BYTES)]);
  if (kind === 'another time base') {
    const startPcr = packets * 10_000 * PCR_TICKS_PER_MS;
    return Buffer.concat([before, transportStream({ ...options, durationMs: 8_000, startPcr, seed: packets })]);
  }
  const pid = kind === 'mark on the PAT' ? 0 : TEST_PIDS.video;
  return Buffer.concat([before, discontinuityPacket(pid, packets & 15), behind]);
}

/** How many packets of `whole` are not in `part`, whose packets all have to be there, in order. */
function missingFrom(part: Uint8Array, whole: Uint8Array): number {
  let at = 0;
  for (let place = 0; place < part.length; place += PACKET_BYTES, at += PACKET_BYTES) {
    const packet = part.subarray(place, place + PACKET_BYTES);
    while (at < whole.length && Buffer.compare(packet, whole.subarray(at, at + PACKET_BYTES)) !== 0) at += PACKET_BYTES;
    expect(at).toBeLessThan(whole.length);
  }
  return (whole.length - part.length) / PACKET_BYTES;
}

test('whatever breaks, segments begin with tables, are not too long, and leave out no more than up to a keyframe', () => {
  const startPcr = fc.integer({ min: 0, max: 20_000 }).map((ms) => PCR_WRAP - ms * PCR_TICKS_PER_MS);
  fc.assert(
    fc.property(
      fc.array(fault, { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 1, maxLength: 10 }),
      startPcr,
      (faults, runLengths, pcr) => {
        const whole = transportStream({ ...options, durationMs: SECONDS * 1_000, startPcr: pcr % PCR_WRAP });
        const stream = faults.reduce(withFault, whole);
        const runs: Uint8Array[] = [];
        for (let from = 0; from < stream.length; from += runs.at(-1)!.length) {
          runs.push(stream.subarray(from, from + runLengths[runs.length % runLengths.length]! * PACKET_BYTES));
        }
        const cuts = cut(runs);
        for (const segment of cuts) {
          const bytes = bytesOf(segment);
          expect([pidOf(bytes, 0), pidOf(bytes, PACKET_BYTES)]).toEqual([0, TEST_PIDS.pmt]);
          expect(segment.durationMs).toBeLessThanOrEqual(SIX_SECONDS.targetDurationMs + 1);
          const sound = packetsOf(bytes, TEST_PIDS.audio);
          if (segment === cuts[0] || segment.discontinuity)
            expect(sound.length === 0 || startsUnit(sound, 0)).toBe(true);
        }
        const discontinuities = cuts.filter(({ discontinuity }) => discontinuity).length;
        expect(discontinuities).toBeLessThanOrEqual(faults.length);
        for (const pid of [TEST_PIDS.audio, TEST_PIDS.video]) {
          const [got, sent] = [Buffer.concat(cuts.map(bytesOf)), stream].map((bytes) => packetsOf(bytes, pid));
          const perGop = packetsOf(whole, pid).length / PACKET_BYTES / SECONDS;
          // Up to the next keyframe, and the rest of the sound that began before that.
          expect(missingFrom(got!, sent!)).toBeLessThanOrEqual(faults.length * (perGop + 7));
        }
      },
    ),
    { numRuns: 30 },
  );
});
