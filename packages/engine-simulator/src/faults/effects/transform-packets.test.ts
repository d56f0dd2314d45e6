import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../channels.ts';
import { openPlayout } from '../../playout/open-playout.ts';
import { transformPackets } from './transform-packets.ts';

const PACKET_BYTES = 188;
const inner = openPlayout(CHANNELS[7]!);
const base = inner.offsetAt(1_790_000_000_000);
const mark = (packet: Uint8Array): void => {
  packet[187] = 0xee;
};

test('any read gives the bytes that one long read gives', () => {
  const changed = transformPackets(inner, base + 5 * PACKET_BYTES, mark);
  const whole = changed.read(base, 40 * PACKET_BYTES);
  fc.assert(
    fc.property(fc.nat(30 * PACKET_BYTES), fc.nat(10 * PACKET_BYTES), (start, length) => {
      expect(Buffer.compare(changed.read(base + start, length), whole.subarray(start, start + length))).toBe(0);
    }),
  );
});

test('packets that began before the change stay as they were', () => {
  const changed = transformPackets(inner, base + PACKET_BYTES + 1, mark).read(base, 4 * PACKET_BYTES);
  const original = inner.read(base, 4 * PACKET_BYTES);
  expect(Buffer.compare(changed.subarray(0, 2 * PACKET_BYTES), original.subarray(0, 2 * PACKET_BYTES))).toBe(0);
  expect([changed[3 * PACKET_BYTES - 1], changed[4 * PACKET_BYTES - 1]]).toEqual([0xee, 0xee]);
});
