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

test('the partial packet of a source that ends is not passed on', () => {
  const { bytes } = alignAll([stream.subarray(0, 10 * PACKET_BYTES + 77)]);
  expect(bytes.length).toBe(10 * PACKET_BYTES);
});

test('a body that is no transport stream is recognised as hopeless', () => {
  const html = Buffer.from('<html><body>G is not a sync byte</body></html>'.repeat(2_000));
  const { aligner } = alignAll([html]);
  expect(aligner.hopeless).toBe(true);
});
