import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PACKET_BYTES, PCR_TICKS_PER_MS, PCR_WRAP } from './packet.ts';
import { type Splice, Splicer } from './splice.ts';
import { StreamBuffer } from './stream-buffer.ts';
import { transportStream } from './testing/transport-stream.ts';

function bufferOf(bytes: Uint8Array): StreamBuffer {
  const buffer = new StreamBuffer({
    limitBytes: () => 32 * 1024 * 1024,
    maxDurationMs: 30_000,
    programNumber: undefined,
    allocated: () => {},
  });
  buffer.append(bytes, 0);
  return buffer;
}

/** Feeds a source in runs of some packets until the splicer decides. */
function spliceWith(
  buffer: StreamBuffer,
  source: Uint8Array,
  packetsPerRun = 7,
  maxSearchBytes = 64 * 1024 * 1024,
): { splice?: Splice; rest: Uint8Array } {
  const splicer = new Splicer(buffer, { maxSearchBytes });
  for (let at = 0; at < source.length; at += packetsPerRun * PACKET_BYTES) {
    const end = Math.min(at + packetsPerRun * PACKET_BYTES, source.length);
    const splice = splicer.push(source.subarray(at, end), 0);
    if (splice !== undefined) return { splice, rest: source.subarray(end) };
  }
  return { rest: new Uint8Array(0) };
}

test('a source that overlaps the ring anywhere continues with the very next packet', () => {
  const whole = transportStream({ durationMs: 8_000 });
  const packets = whole.length / PACKET_BYTES;
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: packets - 50 }),
      fc.integer({ min: 100, max: 900 }),
      fc.integer({ min: 1, max: 40 }),
      (headPackets, backPackets, packetsPerRun) => {
        const head = headPackets * PACKET_BYTES;
        const from = Math.max(0, head - backPackets * PACKET_BYTES);
        const { splice, rest } = spliceWith(bufferOf(whole.slice(0, head)), whole.subarray(from), packetsPerRun);
        expect(splice?.kind).toBe('exact');
        const continued = Buffer.concat([...(splice?.runs ?? []), rest]);
        expect(continued.equals(whole.subarray(head))).toBe(true);
        expect(splice?.droppedBytes).toBe(head - from);
      },
    ),
    { numRuns: 60 },
  );
});

test('the overlap is found across the wrap of the clock', () => {
  const whole = transportStream({ durationMs: 6_000, startPcr: PCR_WRAP - 3_000 * PCR_TICKS_PER_MS });
  const head = Math.floor(whole.length / PACKET_BYTES / 2) * PACKET_BYTES;
  const { splice, rest } = spliceWith(bufferOf(whole.slice(0, head)), whole.subarray(PACKET_BYTES * 30));
  expect(splice?.kind).toBe('exact');
  expect(Buffer.concat([...(splice?.runs ?? []), rest]).equals(whole.subarray(head))).toBe(true);
});

test('one different byte in the overlap forbids an exact splice', () => {
  const whole = transportStream({ durationMs: 6_000 });
  const head = Math.floor(whole.length / PACKET_BYTES / 2) * PACKET_BYTES;
  const source = whole.slice(head - 300 * PACKET_BYTES);
  // The last packet of the overlap: everything before it is equal.
  source[300 * PACKET_BYTES - 1]! ^= 1;
  const { splice } = spliceWith(bufferOf(whole.slice(0, head)), source);
  expect(splice?.kind).not.toBe('exact');
});

test('less than 64 packets in common is no overlap', () => {
  const whole = transportStream({ durationMs: 6_000 });
  const head = Math.floor(whole.length / PACKET_BYTES / 2) * PACKET_BYTES;
  const { splice } = spliceWith(bufferOf(whole.slice(0, head)), whole.subarray(head - 60 * PACKET_BYTES));
  expect(splice?.kind).toBe('gap');
});

test('a source that is ahead starts at its first keyframe with PAT and PMT, its bytes unchanged', () => {
  const whole = transportStream({ durationMs: 8_000 });
  const half = Math.floor(whole.length / PACKET_BYTES / 2) * PACKET_BYTES;
  const source = whole.subarray(half + 100 * PACKET_BYTES);
  // Several keyframes in one run, and one at a time.
  for (const packetsPerRun of [100_000, 7]) {
    const { splice } = spliceWith(bufferOf(whole.slice(0, half)), source, packetsPerRun);
    expect(splice?.droppedBytes).toBeLessThan(whole.length / 8);
    expect(splice?.skippedMs).toBeGreaterThan(0);
    expect(splice?.skippedMs).toBeLessThanOrEqual(2_000);
  }
  const { splice } = spliceWith(bufferOf(whole.slice(0, half)), source);
  expect(splice?.kind).toBe('gap');
  expect(splice?.psi.length).toBe(2 * PACKET_BYTES);
  const first = Buffer.concat([...(splice?.runs ?? [])]);
  expect(first.equals(source.subarray(splice!.droppedBytes, splice!.droppedBytes + first.length))).toBe(true);
});

test('looped content, where a clock value comes twice with other bytes, is not taken for an overlap', () => {
  const ring = transportStream({ durationMs: 3_000, seed: 1 });
  const loop = transportStream({ durationMs: 3_000, seed: 2 });
  const { splice } = spliceWith(bufferOf(ring), loop);
  expect(splice?.kind).not.toBe('exact');
});

test('another stream on other PIDs is cut to at once instead of being searched', () => {
  const ring = bufferOf(transportStream({ durationMs: 3_000, audioOnly: true }));
  const { splice } = spliceWith(ring, transportStream({ durationMs: 3_000, startPcr: 99_000_000 }));
  expect(splice?.kind).toBe('cut');
});

test('packets that were put into the ring at an earlier cut do not hinder the next exact splice', () => {
  const whole = transportStream({ durationMs: 8_000 });
  const cutAt = 200 * PACKET_BYTES;
  const head = 900 * PACKET_BYTES;
  const buffer = bufferOf(whole.slice(0, cutAt));
  const nulls = new Uint8Array(3 * PACKET_BYTES).fill(0x47);
  buffer.insert(nulls, 0, { psi: false });
  buffer.append(whole.slice(cutAt, head), 0);
  const { splice, rest } = spliceWith(buffer, whole.subarray(100 * PACKET_BYTES));
  expect(splice?.kind).toBe('exact');
  expect(Buffer.concat([...(splice?.runs ?? []), rest]).equals(whole.subarray(head))).toBe(true);
});

test('an overlap counts as a whole, packets put in at an earlier cut left out', () => {
  const whole = transportStream({ durationMs: 8_000 });
  const head = 900 * PACKET_BYTES;
  // Behind the insertion lie fewer packets than an overlap needs.
  const cutAt = head - 30 * PACKET_BYTES;
  const buffer = bufferOf(whole.slice(0, cutAt));
  buffer.insert(new Uint8Array(2 * PACKET_BYTES).fill(0x47), 0, { psi: false });
  buffer.append(whole.slice(cutAt, head), 0);
  const { splice, rest } = spliceWith(buffer, whole.subarray(700 * PACKET_BYTES));
  expect(splice?.kind).toBe('exact');
  expect(Buffer.concat([...(splice?.runs ?? []), rest]).equals(whole.subarray(head))).toBe(true);
});

test('a stream without a PCR is aligned by its packets', () => {
  const whole = transportStream({ durationMs: 8_000 });
  for (let at = 0; at < whole.length; at += PACKET_BYTES) {
    // The PCR flag off: the six bytes behind it become stuffing.
    if ((whole[at + 3]! & 0x20) !== 0 && whole[at + 4]! > 0) whole[at + 5]! &= ~0x10;
  }
  const head = 700 * PACKET_BYTES;
  const { splice, rest } = spliceWith(bufferOf(whole.slice(0, head)), whole.subarray(333 * PACKET_BYTES));
  expect(splice?.kind).toBe('exact');
  expect(Buffer.concat([...(splice?.runs ?? []), rest]).equals(whole.subarray(head))).toBe(true);
});

test('a source that is behind and never overlaps is searched for so many bytes and no further', () => {
  const whole = transportStream({ durationMs: 12_000 });
  const behind = whole.subarray(0, whole.length / 2);
  // The ring begins a while after the new source ends.
  const ring = bufferOf(whole.slice(whole.length - 400 * PACKET_BYTES));
  expect(spliceWith(ring, behind, 7).splice).toBeUndefined();
  const bound = 500 * PACKET_BYTES;
  const { splice, rest } = spliceWith(ring, behind, 7, bound);
  expect(splice?.kind).toBe('cut');
  expect(behind.length - rest.length).toBeLessThanOrEqual(bound + 8 * PACKET_BYTES);
});

test('what a search keeps is bounded, also where no keyframe comes', () => {
  const long = transportStream({ durationMs: 20_000, gopMs: 60_000, packetsPerFrame: 100 });
  const ring = bufferOf(transportStream({ durationMs: 3_000, startPcr: 60_000 * PCR_TICKS_PER_MS }));
  const splicer = new Splicer(ring, { maxSearchBytes: 64 * 1024 * 1024 });
  // Without its only keyframe.
  const source = long.subarray(200 * PACKET_BYTES);
  for (let at = 0; at < source.length; at += 50 * PACKET_BYTES) {
    expect(splicer.push(source.subarray(at, at + 50 * PACKET_BYTES), 0)).toBeUndefined();
  }
  const splice = splicer.cut(true);
  const keptBytes = splice!.runs.reduce((sum, run) => sum + run.length, 0);
  expect(source.length).toBeGreaterThan(6 * 1024 * 1024);
  expect(keptBytes).toBeLessThanOrEqual(4 * 1024 * 1024 + 50 * PACKET_BYTES);
  expect(splice!.droppedBytes + keptBytes).toBe(source.length);
});

test('the same stream with other PIDs, another codec or another PMT version is cut to, never taken for the same', () => {
  const whole = transportStream({ durationMs: 6_000 });
  // A little behind the tables: they are in what has to be equal.
  const head = (Math.floor(whole.length / PACKET_BYTES / 2) + 20) * PACKET_BYTES;
  const changes: ((packet: Uint8Array) => void)[] = [
    // The audio moves to another PID.
    (packet) => {
      if ((packet[1]! & 0x1f) === 1 && packet[2] === 1) packet[2] = 9;
    },
    // The tables are of another version, everything else is equal.
    (packet) => {
      if ((packet[1]! & 0x1f) === 0x10 && packet[2] === 0) packet[10]! ^= 2;
    },
    // Other pictures behind the same headers, as another encoder makes them.
    (packet) => {
      if ((packet[1]! & 0x1f) === 1 && packet[2] === 0) packet[187]! ^= 0xff;
    },
  ];
  for (const change of changes) {
    const source = whole.slice(head - 300 * PACKET_BYTES);
    for (let at = 0; at < source.length; at += PACKET_BYTES) change(source.subarray(at, at + PACKET_BYTES));
    const { splice } = spliceWith(bufferOf(whole.slice(0, head)), source);
    expect(splice?.kind).not.toBe('exact');
  }
});
