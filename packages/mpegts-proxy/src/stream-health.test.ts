import { expect, test } from 'vitest';
import { MediaIndex } from './media-index.ts';
import { PACKET_BYTES, pidOf } from './packet.ts';
import { pictureSize } from './picture-size.ts';
import { StreamHealth } from './stream-health.ts';
import { TEST_PIDS, transportStream } from './testing/transport-stream.ts';

function healthOf(bytes: Uint8Array): ReturnType<StreamHealth['stats']> {
  const index = new MediaIndex();
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) index.scan(bytes.subarray(at, at + PACKET_BYTES), at, 0);
  return index.health.stats();
}

const stream = transportStream({ durationMs: 8_000 });

function without(bytes: Uint8Array, packet: number): Uint8Array {
  return Buffer.concat([bytes.subarray(0, packet * PACKET_BYTES), bytes.subarray((packet + 1) * PACKET_BYTES)]);
}

test('a clean stream has no errors, and its intervals are measured in media time', () => {
  expect(healthOf(stream)).toMatchObject({
    continuityErrors: 0,
    transportErrors: 0,
    scrambledPackets: 0,
    keyframeIntervalMs: 1_000,
    patIntervalMs: 1_000,
    pmtIntervalMs: 1_000,
    pcrIntervalMs: 40,
    frozenHint: false,
  });
});

test('one lost packet is one continuity error; a repeated packet is none', () => {
  expect(healthOf(without(stream, 300)).continuityErrors).toBe(1);
  const repeated = Buffer.concat([stream.subarray(0, 301 * PACKET_BYTES), stream.subarray(300 * PACKET_BYTES)]);
  expect(healthOf(repeated).continuityErrors).toBe(0);
});

test('transport errors and scrambled packets are counted', () => {
  const damaged = new Uint8Array(stream);
  damaged[50 * PACKET_BYTES + 1]! |= 0x80;
  for (let at = 0; at < damaged.length; at += PACKET_BYTES) {
    if (pidOf(damaged, at) === TEST_PIDS.audio) damaged[at + 3]! |= 0x80;
  }
  expect(healthOf(damaged)).toMatchObject({ transportErrors: 1, scrambledPackets: 200 });
});

test('keyframes that come again in the same order hint at a loop', () => {
  const health = new StreamHealth();
  for (let index = 0; index < 20; index++) health.addKeyframe(index * 1_000, index);
  expect(health.stats().loopHint).toBe(false);
  for (let index = 5; index < 10; index++) health.addKeyframe(index * 1_000 + 20_000, index);
  expect(health.stats().loopHint).toBe(true);
  health.addKeyframe(30_000, 99);
  expect(health.stats().loopHint).toBe(false);
});

test('video that hardly carries data any more hints at a frozen picture', () => {
  const health = new StreamHealth();
  let timeMs = 0;
  const play = (seconds: number, packetsPerSecond: number): void => {
    for (let second = 0; second < seconds; second++) {
      timeMs += 1_000;
      health.videoPackets += packetsPerSecond;
      health.addPcr(timeMs * 27_000, timeMs, timeMs);
    }
  };
  play(20, 2_000);
  expect(health.stats().frozenHint).toBe(false);
  play(12, 10);
  expect(health.stats().frozenHint).toBe(true);
  play(12, 2_000);
  expect(health.stats().frozenHint).toBe(false);
});

test("arrival against the stream's own clock gives the jitter", () => {
  const even = new StreamHealth();
  const uneven = new StreamHealth();
  for (let index = 0; index < 200; index++) {
    even.addPcr(index * 40 * 27_000, index * 40, 5_000 + index * 40);
    uneven.addPcr(index * 40 * 27_000, index * 40, 5_000 + index * 40 + (index % 2) * 30);
  }
  expect(even.stats().arrivalJitterMs).toBeCloseTo(0);
  expect(uneven.stats().arrivalJitterMs).toBeCloseTo(30, 0);
});

// Parameter sets as ffmpeg's encoders write them for these sizes.
test.each([
  ['h264', 640, 360, '000000016764001eacd940a02ff970110000030001000003003 28f162d96'.replaceAll(' ', '')],
  ['h264', 1920, 1080, '0000000167640028acd940780227e5c05a808080a0000003002000000781e30632c0'],
  ['hevc', 1280, 720, '0000000142010101600000030090000003000003005da00280802d165959a4932bc05a020000030002000003003210'],
  ['mpeg2video', 720, 576, '000001b32d02403323ff7f'],
])('the picture size of %s is read: %i × %i', (codec, width, height, hex) => {
  expect(pictureSize(codec, Buffer.from(hex, 'hex'))).toEqual({ width, height });
});

test('a parameter set that ends too early gives no size', () => {
  expect(pictureSize('h264', Buffer.from('000000016764', 'hex'))).toBeUndefined();
  expect(pictureSize('hevc', new Uint8Array(4))).toBeUndefined();
});
