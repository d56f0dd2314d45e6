import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../../channels.ts';
import { openPlayout } from '../../playout/open-playout.ts';
import { loopPlayout } from './loop-playout.ts';

const PACKET_BYTES = 188;
const inner = openPlayout(CHANNELS[7]!);
const base = inner.offsetAt(1_790_000_000_000);
const from = base + 100;
const looped = loopPlayout(inner, { from, ageMs: 3_600_000, periodMs: 500 });
const period = inner.offsetAt(inner.timeOf(from) + 500) - inner.offsetAt(inner.timeOf(from));

test('any read gives the bytes that one long read gives', () => {
  const whole = looped.read(base, 5 * period);
  fc.assert(
    fc.property(fc.nat(4 * period), fc.nat(period), (start, length) => {
      expect(Buffer.compare(looped.read(base + start, length), whole.subarray(start, start + length))).toBe(0);
    }),
  );
});

test('the packet under way is finished, then old content repeats', () => {
  const first = looped.read(base, PACKET_BYTES);
  expect(Buffer.compare(first, inner.read(base, PACKET_BYTES))).toBe(0);
  const old = inner.read(inner.offsetAt(inner.timeOf(from) - 3_600_000), period);
  for (const round of [0, 1, 2]) {
    const bytes = looped.read(base + PACKET_BYTES + round * period, period);
    expect(Buffer.compare(bytes, old)).toBe(0);
  }
});
