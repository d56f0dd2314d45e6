import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../channels.ts';
import { openPlayout } from '../../playout/open-playout.ts';
import { shiftTimestamps } from './shift-timestamps.ts';

const PACKET_BYTES = 188;
const playout = openPlayout(CHANNELS[0]!);
const stretch = playout.read(playout.offsetAt(1_790_000_000_000), 400 * PACKET_BYTES);
const packets = Array.from({ length: 400 }, (_, index) =>
  stretch.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES),
);

test('shifting back gives the packets as they were', () => {
  fc.assert(
    fc.property(fc.constantFrom(...packets), fc.integer({ min: -(2 ** 33), max: 2 ** 33 }), (original, ticks) => {
      const packet = Uint8Array.from(original);
      shiftTimestamps(packet, ticks);
      shiftTimestamps(packet, -ticks);
      expect(Buffer.compare(packet, original)).toBe(0);
    }),
  );
});

test('packets without timestamps stay as they are, the others change', () => {
  const changed = packets.filter((original) => {
    const packet = Uint8Array.from(original);
    shiftTimestamps(packet, 90_000);
    return Buffer.compare(packet, original) !== 0;
  });
  expect(changed.length).toBeGreaterThan(10);
  expect(changed.length).toBeLessThan(200);
});
