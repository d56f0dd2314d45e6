import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CHANNELS } from '../channels.ts';
import { openPlayout } from '../playout/open-playout.ts';
import { PacketSplitter } from './packet-splitter.ts';

const stream = Buffer.from(openPlayout(CHANNELS[0]!).read(0, 188 * 200));

function split(
  bytes: Uint8Array,
  sizes: readonly number[],
): { offsets: number[]; splitter: PacketSplitter; trailing: number } {
  const offsets: number[] = [];
  const splitter = new PacketSplitter((packet, at, offset) => {
    expect(packet[at]).toBe(0x47);
    expect(Buffer.compare(packet.subarray(at, at + 188), bytes.subarray(offset, offset + 188))).toBe(0);
    offsets.push(offset);
  });
  let at = 0;
  for (const size of sizes) {
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    splitter.push(chunk);
    chunk.fill(0x47); // the caller uses its memory again
    at += size;
  }
  splitter.push(bytes.subarray(at));
  return { offsets, splitter, trailing: splitter.finish() };
}

const sizes = fc.array(fc.integer({ min: 0, max: 900 }), { maxLength: 60 });

test('any split comes out as the same packets', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 0, max: 187 }), (cuts, cutOff) => {
      const bytes = stream.subarray(0, stream.length - cutOff);
      const { offsets, splitter, trailing } = split(bytes, cuts);
      expect(offsets).toEqual(Array.from({ length: Math.floor(bytes.length / 188) }, (_, index) => index * 188));
      expect(trailing).toBe(bytes.length % 188);
      expect([splitter.leadingBytes, splitter.syncLosses]).toEqual([0, []]);
    }),
  );
});

test('a stream that begins inside a packet is aligned; the bytes before are leading, not lost', () => {
  const { offsets, splitter } = split(stream.subarray(100), [7]);
  expect(splitter.leadingBytes).toBe(88);
  expect(offsets.length).toBe(199);
  expect(splitter.syncLosses).toEqual([]);
});

test('bytes missing in the middle are one loss, whatever the split', () => {
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 187 }), (cuts, missing) => {
      const broken = Buffer.concat([stream.subarray(0, 188 * 50 + 20), stream.subarray(188 * 50 + 20 + missing)]);
      const { splitter } = split(broken, cuts);
      expect(splitter.syncLosses).toEqual([{ offset: 188 * 51, skippedBytes: 188 - missing }]);
    }),
  );
});

test('bytes that are no transport stream hold no packet, and are not kept', () => {
  const page = Buffer.from('<html>Gateway Timeout</html>'.repeat(100));
  const { offsets, splitter, trailing } = split(page, [1000]);
  expect(offsets).toEqual([]);
  expect([splitter.leadingBytes, trailing]).toEqual([page.length, 0]);
});

test('a stream that turns into something else is a loss up to its end', () => {
  const { offsets, splitter } = split(Buffer.concat([stream, Buffer.alloc(1000)]), [188 * 199 + 3]);
  expect(offsets.length).toBe(200);
  expect(splitter.syncLosses).toEqual([{ offset: stream.length, skippedBytes: 1000 }]);
});

test('one packet alone is a packet', () => {
  expect(split(stream.subarray(0, 188), []).offsets).toEqual([0]);
});
