import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EPOCH_MS, firstPacketAfter, type LoopTimeline, PACKET_BYTES, readUnaligned, timeOfByte } from './timeline.ts';

const timeline = fc.record({
  originMs: fc.integer({ min: 0, max: 10_000 }).map((phase) => EPOCH_MS + phase),
  durationMs: fc.integer({ min: 100, max: 10_000 }),
  packetsPerLoop: fc.integer({ min: 1, max: 300_000 }),
}) satisfies fc.Arbitrary<LoopTimeline>;
const wallMs = fc.double({ min: Date.UTC(2020), max: Date.UTC(2030), noNaN: true });

test('the first packet after a time is due after it, and the one before is not', () => {
  fc.assert(
    fc.property(timeline, wallMs, (line, now) => {
      const packet = firstPacketAfter(line, now);
      expect(timeOfByte(line, packet * PACKET_BYTES)).toBeGreaterThan(now);
      expect(timeOfByte(line, (packet - 1) * PACKET_BYTES)).toBeLessThanOrEqual(now);
    }),
  );
});

test('a packet due exactly now is due', () => {
  const line = { originMs: EPOCH_MS, durationMs: 1000, packetsPerLoop: 100 };
  expect(firstPacketAfter(line, EPOCH_MS)).toBe(1);
  expect(firstPacketAfter(line, EPOCH_MS - 0.5)).toBe(0);
  expect(firstPacketAfter(line, EPOCH_MS + 2010)).toBe(202);
});

test('an unaligned read is the slice of the packets around it', () => {
  const render = (target: Uint8Array, packet: number, count: number): void => {
    for (let index = 0; index < count * PACKET_BYTES; index++) target[index] = packet * PACKET_BYTES + index;
  };
  fc.assert(
    fc.property(fc.integer({ min: -10_000, max: 10_000 }), fc.integer({ min: 0, max: 1000 }), (offset, length) => {
      const expected = Uint8Array.from({ length }, (_, index) => offset + index);
      expect(Buffer.compare(readUnaligned(offset, length, render), expected)).toBe(0);
    }),
  );
});

test.each([
  [0.5, 1],
  [2 ** 53, 1],
  [0, -1],
  [0, 1.5],
  [Number.NaN, 1],
])('offset %d with length %d is refused', (offset, length) => {
  expect(() => readUnaligned(offset, length, () => {})).toThrow(RangeError);
});
