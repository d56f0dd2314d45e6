import fc from 'fast-check';
import { expect, test } from 'vitest';
import { benchmarkChannel } from '../channels.ts';
import { openPlayout } from '../playout/open-playout.ts';
import { BenchmarkVerifier, verifyBenchmark } from './benchmark-verifier.ts';

const PACKET = 188;
const NOW_MS = Date.UTC(2026, 10, 23);
const playout = openPlayout(benchmarkChannel({ bitsPerSecond: 8_000_000 }));
const start = playout.offsetAt(NOW_MS);
const stream = Buffer.from(playout.read(start, PACKET * 2000));
const sequence = start / PACKET;
const packets = (from: number, to?: number): Buffer =>
  stream.subarray(from * PACKET, to === undefined ? undefined : to * PACKET);

test('a whole stream has nothing lost, reordered, corrupted or foreign, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), (size) => {
      const chunks = Array.from({ length: Math.ceil(stream.length / size) }, (_, i) =>
        stream.subarray(i * size, (i + 1) * size),
      );
      const report = verifyBenchmark(chunks, { playout });
      expect(report).toMatchObject({ lost: 0, reordered: 0, corrupted: 0, foreign: 0, strayBytes: 0 });
      expect(report.lastSequence).toBe(sequence + 1999);
      expect(report.packets).toBe(report.lastSequence! - report.firstSequence! + 1);
    }),
    { numRuns: 20 },
  );
});

test('packets left out are lost', () => {
  expect(verifyBenchmark([packets(0, 700), packets(710)])).toMatchObject({ lost: 10, reordered: 0 });
});

test('packets that change places are lost, then reordered', () => {
  const swapped = [packets(0, 700), packets(701, 702), packets(700, 701), packets(702)];
  expect(verifyBenchmark(swapped)).toMatchObject({ lost: 1, reordered: 1 });
});

test('packets sent again are reordered', () => {
  expect(verifyBenchmark([packets(0, 700), packets(600)])).toMatchObject({ lost: 0, reordered: 100 });
});

test('one changed bit is corruption, and only the playout can tell', () => {
  const damaged = Buffer.from(stream);
  damaged[800 * PACKET + 60]! ^= 4;
  expect(verifyBenchmark(damaged, { playout }).corrupted).toBe(1);
  expect(verifyBenchmark(damaged)).toMatchObject({ corrupted: 0, lost: 0 });
});

test('null packets in between are foreign and hide nothing', () => {
  const filler = Buffer.alloc(PACKET, 0xff);
  filler.set([0x47, 0x1f, 0xff, 0x10]);
  expect(verifyBenchmark([packets(0, 700), filler, filler, packets(700)])).toMatchObject({
    foreign: 2,
    lost: 0,
    reordered: 0,
  });
});

test('the tables a join begins with are no part of the sequence', () => {
  const pid = (packet: number): number => stream.readUInt16BE(packet * PACKET + 1) & 0x1fff;
  const pat = Array.from({ length: 2000 }, (_, packet) => packet).find((packet) => pid(packet) === 0)!;
  const joined = [packets(pat, pat + 2), packets(1000)];
  expect(verifyBenchmark(joined)).toMatchObject({ lost: 0, reordered: 0, firstSequence: sequence + 1000 });
});

test('a stream cut inside packets has stray bytes', () => {
  expect(verifyBenchmark(stream.subarray(50, stream.length - 30)).strayBytes).toBe(PACKET - 50 + PACKET - 30);
});

test('with arrival times the age of the packets is known', () => {
  const verifier = new BenchmarkVerifier();
  for (let packet = 0; packet < 2000; packet += 10) {
    const dueMs = playout.timeOf(start + packet * PACKET);
    verifier.push(packets(packet, packet + 10), dueMs + 500);
  }
  const { ageMs } = verifier.finish();
  expect(ageMs!.max).toBeCloseTo(500, 0);
  expect(ageMs!.min).toBeGreaterThan(497);
});
