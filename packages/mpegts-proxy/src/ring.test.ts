import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PACKET_BYTES } from './packet.ts';
import { Ring, SLAB_BYTES } from './ring.ts';

/** No multiple of a packet or a slab: the same bytes come back elsewhere in each of them. */
const PERIOD = 65_521;
const pool = Buffer.alloc(PERIOD + 4 * SLAB_BYTES);
for (let at = 0; at < pool.length; at++) pool[at] = ((at % PERIOD) * 31 + ((at % PERIOD) >> 8)) & 0xff;

/** Bytes whose values tell their place. */
function bytesAt(place: number, length: number): Uint8Array {
  return pool.subarray(place % PERIOD, (place % PERIOD) + length);
}

const slabPackets = SLAB_BYTES / PACKET_BYTES;

test('whatever is appended and dropped, every byte is at its place and every slab is accounted for', () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 3 * slabPackets }) }),
    fc.record({ drop: fc.constant(true) }),
    fc.record({ read: fc.double({ min: 0, max: 1, noNaN: true }), maxBytes: fc.integer({ min: 1, max: SLAB_BYTES }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      let allocatedBytes = 0;
      const ring = new Ring((delta) => {
        allocatedBytes += delta;
      });
      const kept: { view: Uint8Array; place: number }[] = [];
      for (const each of steps) {
        const { head, tail } = ring;
        if ('append' in each) {
          ring.append(bytesAt(head, each.append * PACKET_BYTES));
          expect(ring.head).toBe(head + each.append * PACKET_BYTES);
        } else if ('drop' in each) {
          const next = ring.nextTail;
          ring.dropOldestSlab();
          expect(ring.tail).toBe(next);
        } else if (head > tail) {
          const place = tail + Math.min(Math.floor(each.read * (head - tail)), head - tail - 1);
          const view = ring.view(place, each.maxBytes);
          const slabEnd = tail + (Math.floor((place - tail) / SLAB_BYTES) + 1) * SLAB_BYTES;
          expect(view.length).toBe(Math.min(each.maxBytes, head - place, slabEnd - place));
          // The same view again, and another one in between, are the same bytes.
          ring.view(tail, each.maxBytes);
          expect(Buffer.compare(ring.view(place, each.maxBytes), view)).toBe(0);
          kept.push({ view, place });
        }
        expect(allocatedBytes).toBe(ring.heldBytes);
        expect(ring.heldBytes).toBeGreaterThanOrEqual(ring.head - ring.tail);
        expect(ring.heldBytes - (ring.head - ring.tail)).toBeLessThan(SLAB_BYTES);
      }
      // A view that a socket still sends from never changes.
      for (const { view, place } of kept) expect(Buffer.compare(view, bytesAt(place, view.length))).toBe(0);
      ring.clear();
      expect([allocatedBytes, ring.heldBytes, ring.tail]).toEqual([0, 0, ring.head]);
    }),
    { numRuns: 50 },
  );
});

test('what has been dropped, and what has not come yet, is an empty view', () => {
  const ring = new Ring();
  ring.append(bytesAt(0, 2 * SLAB_BYTES));
  ring.dropOldestSlab();
  expect(ring.view(0).length).toBe(0);
  expect(ring.view(2 * SLAB_BYTES).length).toBe(0);
  expect(ring.view(SLAB_BYTES).length).toBe(SLAB_BYTES);
});
