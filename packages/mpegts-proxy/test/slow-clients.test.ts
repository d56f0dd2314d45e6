import { expect, test } from 'vitest';
import { continuityOf, isDiscontinuity, NULL_PID, PACKET_BYTES, pidOf } from '../src/packet.ts';
import { SLAB_BYTES } from '../src/ring.ts';
import { transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { type Stage, stage } from './stage.ts';

/** 8 Mbit/s: a slab holds a quarter of a second. */
const stream = transportStream({ durationMs: 20_000, packetsPerFrame: 210 });
const second = stream.length / 20;

async function joinWith(on: Stage, collector: Collector): Promise<ReturnType<typeof attach>> {
  return attach(on, collector);
}

async function attach(
  on: Stage,
  collector: Collector,
): Promise<{ result: Promise<{ reason: string; skips: number }> }> {
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  if (on.proxy.stats('a')?.bytesIn === 0) on.sources[0]!.push(stream.subarray(0, second));
  return { result: (await join).sendTo(collector) };
}

/** Sends the stream on in twentieths of a second. */
async function play(on: Stage, fromSecond: number, toSecond: number): Promise<void> {
  for (let step = fromSecond * 20; step < toSecond * 20; step++) {
    on.sources[0]!.push(stream.subarray(Math.round((step * second) / 20), Math.round(((step + 1) * second) / 20)));
    await on.clock.advance(50);
  }
}

test('a client that never reads is held in bounded memory, delays nobody, and is dropped after a limit', async () => {
  const on = stage({
    ring: { maxBytes: 4 * 1024 * 1024 },
    client: { stallTimeoutMs: 15_000 },
    recovery: { stallMs: 60_000 },
  });
  const stuck = new Collector();
  stuck.block();
  const { result } = await joinWith(on, stuck);
  const reader = new Collector();
  await joinWith(on, reader);
  await play(on, 1, 14);
  expect(reader.bytes.equals(stream.subarray(0, 14 * second))).toBe(true);
  expect(stuck.bytes.length).toBeLessThanOrEqual(2 * SLAB_BYTES);
  expect(on.proxy.stats().memory.usedBytes).toBeLessThanOrEqual(4 * 1024 * 1024 + SLAB_BYTES + 4 * 1024 * 1024);
  expect((on.proxy.stats('a')?.ring.bytes ?? 0) <= 4 * 1024 * 1024).toBe(true);
  await on.clock.advance(3_000);
  expect((await result).reason).toBe('stalled');
  expect(on.proxy.stats('a')?.clients).toHaveLength(1);
  await on.proxy.close();
});

test('a client that fell out of the ring goes on at the newest keyframe, flagged, and never repeats or reorders', async () => {
  const on = stage({ ring: { maxBytes: 2 * 1024 * 1024 }, recovery: { stallMs: 60_000 } });
  const slow = new Collector();
  const { result } = await joinWith(on, slow);
  await joinWith(on, new Collector());
  await on.clock.advance(50);
  slow.block();
  await play(on, 1, 9);
  slow.unblock();
  await play(on, 9, 12);
  await on.proxy.stop('a');
  expect((await result).skips).toBe(1);
  const { bytes } = slow;
  const skipAt = firstDiscontinuity(bytes);
  expect(bytes.subarray(0, skipAt).equals(stream.subarray(0, skipAt))).toBe(true);
  const flags: number[] = [];
  let at = skipAt;
  for (; isDiscontinuity(bytes, at); at += PACKET_BYTES) flags.push(pidOf(bytes, at));
  expect([...flags].sort()).toEqual([0, 0x100, 0x101, 0x1000].sort());
  expect(pidOf(bytes, at)).toBe(0);
  const resumed = bytes.subarray(at + 2 * PACKET_BYTES);
  const place = Math.round((12 * second - resumed.length) / second) * second + 2 * PACKET_BYTES;
  expect(resumed.equals(stream.subarray(place, 12 * second))).toBe(true);
  // The counters go on from the flags.
  for (const pid of flags) {
    const flag = pidOffset(bytes, skipAt, pid);
    expect(continuityOf(bytes, pidOffset(bytes, flag + PACKET_BYTES, pid))).toBe((continuityOf(bytes, flag) + 1) % 16);
  }
  await on.proxy.close();
});

test('a slow client does not move where others or later joiners read', async () => {
  const on = stage({ ring: { maxBytes: 2 * 1024 * 1024 }, join: { behindMs: 0 }, recovery: { stallMs: 60_000 } });
  const slow = new Collector();
  slow.block();
  await joinWith(on, slow);
  const reader = new Collector();
  await joinWith(on, reader);
  await play(on, 1, 6);
  const late = new Collector();
  await joinWith(on, late);
  await on.clock.advance(50);
  expect(late.bytes.length).toBe(second);
  expect(reader.bytes.equals(stream.subarray(0, 6 * second))).toBe(true);
  await on.proxy.close();
});

test('a five-minute burst from the source loses nothing: reading waits for the leading client', async () => {
  // 64 kbit/s of pictures, five minutes of them.
  const burst = transportStream({ durationMs: 300_000, packetsPerFrame: 1 });
  const on = stage({ ring: { maxBytes: 2 * 1024 * 1024 }, recovery: { stallMs: 600_000 } });
  const collector = new Collector();
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  for (let at = 0; at < burst.length; at += 65_537) on.sources[0]!.push(burst.subarray(at, at + 65_537));
  const client = await join;
  collector.block();
  const sending = client.sendTo(collector);
  await on.clock.advance(1_000);
  expect(on.proxy.stats('a')?.sourcePaused).toBe(true);
  expect(on.sources[0]!.backlog).toBeGreaterThan(0);
  for (let round = 0; round < 200; round++) {
    collector.unblock();
    await on.clock.advance(20);
    collector.block();
    await on.clock.advance(20);
  }
  collector.unblock();
  await on.clock.advance(5_000);
  await on.proxy.stop('a');
  expect((await sending).skips).toBe(0);
  const media = collector.bytes.filter((_, at, all) => pidOf(all, at - (at % PACKET_BYTES)) !== NULL_PID);
  expect(Buffer.compare(media, burst)).toBe(0);
  await on.proxy.close();
});

test('no stall is counted while reading is paused', async () => {
  const on = stage({ ring: { maxAheadMs: 500 }, recovery: { stallMs: 1_000 } });
  const collector = new Collector();
  collector.block();
  await joinWith(on, collector);
  on.sources[0]!.push(stream.subarray(second, 4 * second));
  await on.clock.advance(30_000);
  expect(on.sources).toHaveLength(1);
  await on.proxy.close();
});

test('rings share the memory limit, and a stream that would get none is refused', async () => {
  const limit = 4 * 1024 * 1024;
  const on = stage({ limits: { memoryBytes: limit }, recovery: { stallMs: 600_000 } });
  for (const key of ['a', 'b', 'c', 'd']) {
    const join = on.proxy.join(key);
    await on.clock.advance(0);
    on.sources.at(-1)!.push(stream.subarray(0, second));
    (await join).sendTo(new Collector());
  }
  for (let at = second; at < 8 * second; at += second) {
    for (const source of on.sources) source.push(stream.subarray(at, at + second));
    await on.clock.advance(200);
  }
  expect(on.proxy.stats().memory.usedBytes).toBeLessThanOrEqual(limit + 4 * SLAB_BYTES);
  for (const key of ['e', 'f', 'g', 'h']) on.proxy.join(key).catch(() => {});
  await on.clock.advance(0);
  await expect(on.proxy.join('i')).rejects.toMatchObject({ code: 'out_of_memory', retryable: true });
  await on.proxy.close();
  expect(on.proxy.stats().memory.usedBytes).toBe(0);
});

function firstDiscontinuity(bytes: Buffer): number {
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) if (isDiscontinuity(bytes, at)) return at;
  throw new Error('there is no discontinuity');
}

function pidOffset(bytes: Buffer, from: number, pid: number): number {
  for (let at = from; at < bytes.length; at += PACKET_BYTES) if (pidOf(bytes, at) === pid) return at;
  throw new Error(`no packet of PID ${pid}`);
}
