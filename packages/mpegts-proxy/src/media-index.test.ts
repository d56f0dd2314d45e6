import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MediaIndex } from './media-index.ts';
import { continuityOf, PACKET_BYTES, pidOf } from './packet.ts';
import { TEST_PIDS, transportStream } from './testing/transport-stream.ts';

function indexOf(bytes: Uint8Array, packetsPerRun = 1_000): MediaIndex {
  const index = new MediaIndex();
  for (let at = 0; at < bytes.length; at += packetsPerRun * PACKET_BYTES) {
    index.scan(bytes.subarray(at, at + packetsPerRun * PACKET_BYTES), at, 0);
  }
  return index;
}

test('however a stream is split into runs, the same keyframes are found at the same places', () => {
  const stream = transportStream({ durationMs: 5_000 });
  const whole = indexOf(stream);
  expect(whole.keyframeCount).toBe(5);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), (packetsPerRun) => {
      const index = indexOf(stream, packetsPerRun);
      expect(index.keyframeCount).toBe(5);
      expect(index.newestKeyframe?.offset).toBe(whole.newestKeyframe?.offset);
      expect(index.timeline.headMs).toBe(whole.timeline.headMs);
    }),
  );
});

test('keyframes are found by the payload where the muxer does not flag them', () => {
  const index = indexOf(transportStream({ durationMs: 3_000, randomAccess: false }));
  expect(index.keyframeCount).toBe(3);
});

test('a keyframe goes with the tables that were sent before it, not with those in the middle of it', () => {
  const stream = transportStream({ durationMs: 2_000 });
  const second = stream.length / 2;
  // The second keyframe's tables are moved behind the first packet of its PES.
  const tables = stream.slice(second, second + 2 * PACKET_BYTES);
  const start = stream.slice(second + 2 * PACKET_BYTES, second + 3 * PACKET_BYTES);
  expect(pidOf(start, 0)).toBe(TEST_PIDS.video);
  // Its head is made too short to tell what it is from the first packet.
  const moved = Buffer.concat([stream.subarray(0, second), start, tables, stream.subarray(second + 3 * PACKET_BYTES)]);
  const field = moved[second + 4]!;
  moved[second + 4] = 183 - 8;
  moved.copyWithin(second + PACKET_BYTES - 8, second + 5 + field, second + 5 + field + 8);
  moved.fill(0xff, second + 12, second + PACKET_BYTES - 8);
  const rest = Uint8Array.of(0, 0, 0, 0, 1, 0x67, 0x42, 0, 0x1e, 0, 0, 0, 1, 0x65, 0x88);
  moved.set(rest, second + 3 * PACKET_BYTES + 4);
  const keyframe = indexOf(moved).newestKeyframe;
  expect(keyframe?.offset).toBe(second);
  expect(continuityOf(keyframe!.psi, 0)).toBe(0);
});

test('the program with video is followed, or the one that was asked for', () => {
  const stream = transportStream({ durationMs: 1_000 });
  expect(indexOf(stream).program?.programNumber).toBe(1);
  const other = new MediaIndex({ programNumber: 7 });
  other.scan(stream, 0, 0);
  expect(other.program).toBeUndefined();
});

test('what lies before a place is forgotten', () => {
  const stream = transportStream({ durationMs: 5_000 });
  const index = indexOf(stream);
  index.dropBefore((stream.length / 5) * 3);
  expect(index.keyframeCount).toBe(2);
  expect(index.oldestKeyframe?.timeMs).toBe(3_000);
});
