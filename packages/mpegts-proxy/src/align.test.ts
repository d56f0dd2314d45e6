import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Aligner } from './align.ts';
import { PACKET_BYTES } from './packet.ts';
import { transportStream } from './testing/transport-stream.ts';

const stream = transportStream({ durationMs: 2_000 });

function alignAll(chunks: readonly Uint8Array[]): { bytes: Buffer; aligner: Aligner } {
  const aligner = new Aligner();
  const runs: Uint8Array[] = [];
  for (const chunk of chunks) {
    aligner.push(chunk, (run) => {
      expect(run.length % PACKET_BYTES).toBe(0);
      expect(run[0]).toBe(0x47);
      runs.push(run.slice());
    });
  }
  return { bytes: Buffer.concat(runs), aligner };
}

function splitAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...[...cuts].sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

test('any split of any run of packets comes out aligned and complete', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 60 }), (cuts) => {
      expect(alignAll(splitAt(stream, cuts)).bytes.equals(stream)).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('byte by byte comes out aligned and complete', () => {
  const short = stream.subarray(0, 20 * PACKET_BYTES);
  const bytes = Array.from(short, (_, index) => short.subarray(index, index + 1));
  expect(alignAll(bytes).bytes.equals(short)).toBe(true);
});

test('a start in the middle of a packet drops that packet only', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: PACKET_BYTES - 1 }), (offset) => {
      const { bytes } = alignAll([stream.subarray(offset)]);
      expect(bytes.equals(stream.subarray(PACKET_BYTES))).toBe(true);
    }),
  );
});

test('junk between packets is dropped and counted, and the stream goes on', () => {
  const junk = new Uint8Array(500).fill(0x11);
  const middle = 50 * PACKET_BYTES;
  const { bytes, aligner } = alignAll([stream.subarray(0, middle), junk, stream.subarray(middle)]);
  expect(bytes.equals(stream)).toBe(true);
  expect(aligner.resyncs).toBe(1);
  expect(aligner.droppedBytes).toBe(500);
});

test('junk before, between and behind packets is dropped, however it looks and the stream is split', () => {
  const junk = fc.array(fc.oneof(fc.constant(0x47), fc.integer({ min: 0, max: 255 })), { maxLength: 700 });
  const short = stream.subarray(0, 40 * PACKET_BYTES);
  const splits = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });
  fc.assert(
    fc.property(junk, junk, fc.integer({ min: 3, max: 34 }), splits, (before, between, packets, places) => {
      const middle = packets * PACKET_BYTES;
      const bytes = Buffer.concat([
        Buffer.from(before),
        short.subarray(0, middle),
        Buffer.from(between),
        short.subarray(middle),
      ]);
      const isJunk = (at: number): boolean =>
        at < before.length || (at >= before.length + middle && at < before.length + middle + between.length);
      // What looks like packets is taken for packets.
      fc.pre(!SPACINGS.some((spacing) => bytes.some((_, at) => isJunk(at) && looksLikePacket(bytes, at, spacing))));
      // Junk that begins like a packet is one more packet, until the next one does not follow on it.
      fc.pre(between[0] !== 0x47);
      const cuts = places.map((place) => Math.floor(place * bytes.length));
      const { bytes: aligned, aligner } = alignAll(splitAt(bytes, cuts));
      expect(aligned.equals(short)).toBe(true);
      expect(aligner.droppedBytes).toBe(before.length + between.length);
      expect(aligner.resyncs).toBe(between.length > 0 ? 1 : 0);
    }),
    { numRuns: 120 },
  );
});

const SPACINGS = [188, 192, 204];

function looksLikePacket(bytes: Uint8Array, at: number, spacing: number): boolean {
  return [0, 1, 2].every((packet) => bytes[at + packet * spacing] === 0x47);
}

test.each([
  ['a time before each (192 bytes)', 4, 0],
  ['error correction behind each (204 bytes)', 0, 16],
])('packets with %s come out without it, from any start and in any split', (_what, ahead, behind) => {
  const between = fc.uint8Array({ minLength: ahead + behind, maxLength: ahead + behind });
  const harmless = between.map((bytes) => bytes.map((byte) => (byte === 0x47 ? 0x46 : byte)));
  fc.assert(
    fc.property(
      // A sync byte now and then is chance, one that stays is a packet's.
      fc.tuple(between, harmless, harmless),
      fc.integer({ min: 0, max: 191 }),
      fc.array(fc.integer({ min: 0, max: stream.length }), { maxLength: 40 }),
      (fillings, from, cuts) => {
        const spaced: Uint8Array[] = [];
        for (let at = 0; at < stream.length; at += PACKET_BYTES) {
          const filling = fillings[(at / PACKET_BYTES) % 3]!;
          spaced.push(filling.subarray(0, ahead), stream.subarray(at, at + PACKET_BYTES), filling.subarray(ahead));
        }
        const { bytes } = alignAll(splitAt(Buffer.concat(spaced).subarray(from), cuts));
        // The first one may have begun before the start; the last one is only known to be over when another one follows.
        const whole = from <= ahead ? stream : stream.subarray(PACKET_BYTES);
        const complete = ahead > 0 ? whole.subarray(0, -PACKET_BYTES) : whole;
        expect(bytes.equals(complete)).toBe(true);
      },
    ),
    { numRuns: 100 },
  );
});

test('times that begin with a sync byte, as they do for half a second now and then, are not taken for packets', () => {
  const spaced: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += PACKET_BYTES) {
    const time = new Uint8Array(4);
    new DataView(time.buffer).setUint32(0, 0x47000000 + (at / PACKET_BYTES) * 4_512);
    spaced.push(time, stream.subarray(at, at + PACKET_BYTES));
  }
  const whole = Buffer.concat(spaced);
  const cuts = Array.from({ length: Math.floor(whole.length / 1_000) }, (_, index) => index * 1_000);
  const { bytes, aligner } = alignAll(splitAt(whole, cuts));
  expect(bytes.equals(stream.subarray(0, -PACKET_BYTES))).toBe(true);
  expect([aligner.droppedBytes, aligner.resyncs]).toEqual([4, 0]);
});

test('the partial packet of a source that ends is not passed on', () => {
  const { bytes } = alignAll([stream.subarray(0, 10 * PACKET_BYTES + 77)]);
  expect(bytes.length).toBe(10 * PACKET_BYTES);
});

test('a body that is no transport stream is recognised as hopeless', () => {
  const html = Buffer.from('<html><body>G is not a sync byte</body></html>'.repeat(2_000));
  const { aligner } = alignAll([html]);
  expect(aligner.hopeless).toBe(true);
});
