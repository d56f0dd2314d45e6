import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PACKET_BYTES, PCR_TICKS_PER_MS, PCR_WRAP } from '../src/packet.ts';
import { transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { stage } from './stage.ts';

const SECONDS = 40;

/** How a source delivers: its packets wrapped, split and begun in any way. */
const delivery = fc.record({
  /** Bytes before each packet and behind it. */
  wrapping: fc.constantFrom([0, 0], [0, 0], [4, 0], [0, 16]),
  chunkBytes: fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 8 }).map((bytes) => [...bytes, 20_000]),
  /** Bytes of its first packet that are missing. */
  startsInside: fc.integer({ min: 0, max: PACKET_BYTES - 1 }),
  junk: fc.uint8Array({ maxLength: 300 }).map((bytes) => bytes.map((byte) => (byte === 0x47 ? 0 : byte))),
  /** How far back it begins, and how much it delivers. */
  overlapMs: fc.integer({ min: 3_500, max: 5_000 }),
  deliversMs: fc.integer({ min: 5_200, max: 9_000 }),
  end: fc.constantFrom('end', 'fail'),
});
type Delivery = typeof delivery extends fc.Arbitrary<infer Value> ? Value : never;

/** What a source sends of packets, as it sends it. */
function* chunksOf(packets: Uint8Array, how: Delivery): Generator<Uint8Array> {
  const [ahead = 0, behind = 0] = how.wrapping;
  const wrapped: Uint8Array[] = [how.junk, new Uint8Array(ahead)];
  for (let at = 0; at < packets.length; at += PACKET_BYTES) {
    wrapped.push(packets.subarray(at === 0 ? how.startsInside : at, at + PACKET_BYTES));
    wrapped.push(new Uint8Array(ahead + behind));
  }
  const bytes = Buffer.concat(wrapped);
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const length = how.chunkBytes[turn % how.chunkBytes.length]!;
    yield bytes.subarray(at, at + length);
    at += length;
  }
}

test('however sources of one broadcast deliver and die, the client has the bytes of it, every one once', async () => {
  const options = fc.record({
    startPcr: fc.integer({ min: 0, max: SECONDS * 1_000 }).map((ms) => (PCR_WRAP - ms * PCR_TICKS_PER_MS) % PCR_WRAP),
    nullPackets: fc.integer({ min: 0, max: 2 }),
    audioPesMs: fc.constantFrom(40, 280),
    audioOnly: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(options, fc.array(delivery, { minLength: 2, maxLength: 5 }), async (made, deliveries) => {
      const broadcast = transportStream({ ...made, durationMs: SECONDS * 1_000, packetsPerFrame: 2 });
      const place = (ms: number): number =>
        Math.floor((Math.min(ms, SECONDS * 1_000) * broadcast.length) / (SECONDS * 1_000 * PACKET_BYTES)) *
        PACKET_BYTES;
      const on = stage({
        recovery: { stallMs: 3_600_000 },
        join: { behindMs: 60_000 },
        client: { keepAliveMs: 60_000 },
      });
      const join = on.proxy.join('a');
      const collector = new Collector();
      let head = 0;
      for (const [turn, how] of deliveries.entries()) {
        await on.clock.advance(1_000);
        const source = on.sources[turn]!;
        const fromMs = turn === 0 ? 0 : head - how.overlapMs;
        head += how.deliversMs;
        // The first one begins with a whole packet: what it begins with is where the client does.
        const part = broadcast.subarray(place(fromMs), place(head));
        for (const chunk of chunksOf(part, turn === 0 ? { ...how, startsInside: 0 } : how)) source.push(chunk);
        if (turn === 0) void (await join).sendTo(collector);
        // Longer than its media lasts.
        await on.clock.advance(10_000);
        if (how.end === 'end') source.end();
        else source.fail(new Error('ECONNRESET'));
      }
      await on.clock.advance(0);
      expect(on.eventsNamed('spliced').map(({ splice }) => splice)).toEqual(deliveries.slice(1).map(() => 'exact'));
      // Radio begins anywhere, behind the newest tables.
      const body = made.audioOnly ? collector.bytes.subarray(2 * PACKET_BYTES) : collector.bytes;
      expect(Buffer.compare(body, broadcast.subarray(0, place(head)))).toBe(0);
      await on.proxy.close();
    }),
    { numRuns: 25 },
  );
});
