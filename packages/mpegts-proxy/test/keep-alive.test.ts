import { expect, test } from 'vitest';
import { NULL_PID, PACKET_BYTES, pidOf } from '../src/packet.ts';
import { transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { stage } from './stage.ts';

const stream = transportStream({ durationMs: 10_000 });

const nulls = (bytes: Buffer): number => {
  let count = 0;
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) if (pidOf(bytes, at) === NULL_PID) count++;
  return count;
};

test('nothing is sent before the first real packet', async () => {
  const on = stage({ recovery: { openAttempts: 1 }, limits: { firstByteMs: 60_000 } });
  let joined = false;
  const join = on.proxy.join('a').then(
    () => (joined = true),
    () => {},
  );
  await on.clock.advance(50_000);
  expect(joined).toBe(false);
  await on.clock.advance(20_000);
  await join;
  await on.proxy.close();
});

test('a drained client gets a null packet a second for at most a minute, whatever the state, and never in the ring', async () => {
  const on = stage({ recovery: { stallMs: 5_000, maxOutageMs: 300_000, retryDelayMs: 60_000 } });
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(stream);
  const collector = new Collector();
  (await join).sendTo(collector);
  await on.clock.advance(500);
  expect(nulls(collector.bytes)).toBe(0);
  const ringBytes = on.proxy.stats('a')?.ring.bytes;
  await on.clock.advance(10_000);
  expect(nulls(collector.bytes)).toBeGreaterThanOrEqual(8);
  expect(nulls(collector.bytes)).toBeLessThanOrEqual(11);
  await on.clock.advance(45_000);
  const inAMinute = nulls(collector.bytes);
  expect(inAMinute).toBeGreaterThan(45);
  await on.clock.advance(30_000);
  expect(nulls(collector.bytes)).toBeLessThanOrEqual(61);
  expect(on.proxy.stats('a')?.ring.bytes).toBe(ringBytes);
  expect(collector.bytes.subarray(0, stream.length).equals(stream)).toBe(true);
  await on.proxy.close();
});

test("null packets are not the client's activity, and a client that gets media gets none", async () => {
  const on = stage();
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(stream.subarray(0, 200 * PACKET_BYTES));
  const collector = new Collector();
  (await join).sendTo(collector);
  for (let at = 200; at < 700; at += 20) {
    on.sources[0]!.push(stream.subarray(at * PACKET_BYTES, (at + 20) * PACKET_BYTES));
    await on.clock.advance(900);
  }
  expect(nulls(collector.bytes)).toBe(0);
  await on.proxy.close();
});
