import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { stage } from './stage.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const stream = transportStream({ durationMs: 4_000 });
const MIB = 1024 * 1024;

async function heapBytes(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  return process.memoryUsage().heapUsed;
}

test('a hundred thousand joins and leaves leave nothing on the heap', async () => {
  const on = stage({ recovery: { stallMs: 3_600_000 }, on: {} });
  const keep = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(stream);
  await keep;
  const churn = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const leave = new AbortController();
      const client = await on.proxy.join('a', { label: `viewer ${index}`, signal: leave.signal });
      if (index % 2 === 0) client.end('left');
      else leave.abort();
      if (index % 1_000 === 0) await on.clock.advance(10);
    }
  };
  await churn(20_000);
  const before = await heapBytes();
  await churn(100_000);
  const after = await heapBytes();
  expect(after - before).toBeLessThan(1 * MIB);
  expect(on.proxy.stats('a')?.clients).toHaveLength(1);
  await on.proxy.close();
  expect(on.clock.pending).toBe(0);
});

test('ten thousand sessions, opened and closed, leave nothing on the heap', async () => {
  const on = stage({ linger: { ms: 0 }, on: {} });
  const sources = on.sources as unknown[];
  const contexts = on.contexts as unknown[];
  const churn = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index++) {
      const join = on.proxy.join(`channel ${index}`);
      await on.clock.advance(0);
      on.sources.at(-1)!.push(stream.subarray(0, 188 * 20));
      (await join).end('left');
      await on.clock.advance(1);
      sources.length = 0;
      contexts.length = 0;
    }
  };
  await churn(1_000);
  const before = await heapBytes();
  await churn(10_000);
  expect((await heapBytes()) - before).toBeLessThan(1 * MIB);
  expect(on.proxy.stats().memory.usedBytes).toBe(0);
  await on.proxy.close();
}, 120_000);

test('the memory budget holds with a hundred streams and a hundred stalled clients', async () => {
  const limit = 512 * MIB;
  const on = stage({ limits: { memoryBytes: limit }, recovery: { stallMs: 3_600_000 } });
  const busy = transportStream({ durationMs: 4_000, packetsPerFrame: 100 });
  for (let index = 0; index < 100; index++) {
    const join = on.proxy.join(`channel ${index}`);
    await on.clock.advance(0);
    on.sources[index]!.push(busy);
    const client = await join;
    const stuck = new Collector();
    stuck.block();
    client.sendTo(stuck);
    (await on.proxy.join(`channel ${index}`)).sendTo(new Collector());
  }
  let highest = 0;
  for (let round = 0; round < 12; round++) {
    for (const source of on.sources) source.push(busy);
    await on.clock.advance(2_000);
    highest = Math.max(highest, on.proxy.stats().memory.usedBytes);
  }
  expect(highest).toBeLessThanOrEqual(limit);
  expect(on.proxy.stats().memory.usedBytes).toBeGreaterThan(limit / 2);
  await on.proxy.close();
  expect(on.proxy.stats().memory.usedBytes).toBe(0);
});
