import { expect, test } from 'vitest';
import { SourceError } from '../src/index.ts';
import { PACKET_BYTES, pidOf } from '../src/packet.ts';
import { fakeSource, transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { type Stage, stage } from './stage.ts';

const stream = transportStream({ durationMs: 60_000 });
const second = stream.length / 60;
const part = (from: number, to: number): Uint8Array => stream.subarray(from * second, to * second);

async function playing(on: Stage): Promise<Collector> {
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 10));
  const collector = new Collector();
  (await join).sendTo(collector);
  await on.clock.advance(200);
  return collector;
}

const media = (bytes: Buffer): Buffer =>
  bytes.filter((_, at, all) => pidOf(all, at - (at % PACKET_BYTES)) !== 0x1fff) as Buffer;

test('a silent source that comes back first is kept, and the one opened beside it is closed unused', async () => {
  const on = stage();
  const collector = await playing(on);
  await on.clock.advance(3_000);
  expect(on.proxy.stats('a')?.state).toBe('recovering');
  on.sources[0]!.push(part(10, 14));
  await on.clock.advance(200);
  expect(on.proxy.stats('a')).toMatchObject({ state: 'live', source: 'engine-1', recoveries: [] });
  expect(on.sources[1]!.closedWith).toEqual(['superseded']);
  expect(on.sources[0]!.closedWith).toEqual([]);
  expect(Buffer.compare(media(collector.bytes), part(0, 14))).toBe(0);
  await on.proxy.close();
});

test('an opener that can only use the same engine releases the silent source first', async () => {
  const order: string[] = [];
  const on = stage();
  const collector = await playing(on);
  await on.clock.advance(3_000);
  const { beside } = on.contexts[1]!;
  await beside!.release().then(() => order.push('released'));
  expect(on.sources[0]!.closedWith).toEqual(['stalled']);
  expect(order).toEqual(['released']);
  on.sources[1]!.push(part(6, 13));
  await on.clock.advance(200);
  expect(on.sources[0]!.closedWith).toEqual(['stalled']);
  expect(Buffer.compare(media(collector.bytes), part(0, 13))).toBe(0);
  await on.proxy.close();
});

test('a silent source that ends while another is being opened does not open a third', async () => {
  const on = stage();
  const collector = await playing(on);
  await on.clock.advance(3_000);
  on.sources[0]!.end();
  await on.clock.advance(1_000);
  expect(on.sources).toHaveLength(2);
  on.sources[1]!.push(part(6, 13));
  await on.clock.advance(200);
  expect(Buffer.compare(media(collector.bytes), part(0, 13))).toBe(0);
  expect(on.sources.map(({ closedWith }) => closedWith.length)).toEqual([1, 0]);
  await on.proxy.close();
});

test('a source that drips below its bitrate is replaced, exactly, before the players run dry', async () => {
  const on = stage();
  const collector = await playing(on);
  // Half of real time: ten seconds in store, seven of them gone after fourteen seconds.
  let sent = 10;
  while (on.sources.length === 1 && sent < 40) {
    on.sources[0]!.push(part(sent, sent + 1));
    sent += 1;
    await on.clock.advance(2_000);
  }
  expect(on.sources).toHaveLength(2);
  expect(sent).toBeLessThan(22);
  on.sources[1]!.push(part(sent - 4, sent + 6));
  await on.clock.advance(200);
  expect(Buffer.compare(media(collector.bytes), part(0, sent + 6))).toBe(0);
  expect(on.eventsNamed('spliced')).toMatchObject([{ splice: 'exact', from: 'engine-1', to: 'engine-2' }]);
  expect(on.sources[0]!.closedWith).toEqual(['stalled']);
  await on.proxy.close();
});

test('a slow source that nothing can replace is kept: slow media is better than none', async () => {
  const slow = fakeSource('engine-1');
  let opened = 0;
  const on = stage({
    open: async () => {
      if (opened++ === 0) return slow;
      throw new SourceError('refused', 'unreachable', 'all engines are full');
    },
    recovery: { maxAttempts: 5, maxOutageMs: 20_000 },
  });
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  slow.push(part(0, 10));
  const collector = new Collector();
  (await join).sendTo(collector);
  for (let sent = 10; sent < 60; sent++) {
    slow.push(part(sent, sent + 1));
    await on.clock.advance(2_000);
  }
  expect(opened).toBeGreaterThan(1);
  expect(on.proxy.stats('a')).toMatchObject({ state: 'live', source: 'engine-1' });
  expect(Buffer.compare(media(collector.bytes), part(0, 60))).toBe(0);
  await on.proxy.close();
});

test('after a bound the new source is cut to, when it shares nothing with the ring', async () => {
  const on = stage({ recovery: { stallMs: 3_000, searchMs: 5_000 } });
  const collector = await playing(on);
  await on.clock.advance(3_000);
  // A minute behind, in real time: it would take for ever to catch up.
  const behind = transportStream({ durationMs: 12_000, seed: 3, startPcr: 2 ** 33 * 300 - 60_000 * 27_000 });
  for (let step = 0; step < 20 && on.eventsNamed('spliced').length === 0; step++) {
    on.sources[1]!.push(behind.subarray((step * behind.length) / 24, ((step + 1) * behind.length) / 24));
    await on.clock.advance(500);
  }
  expect(on.eventsNamed('spliced')).toMatchObject([{ splice: 'cut', reason: 'stalled' }]);
  expect(collector.bytes.length).toBeGreaterThan(10 * second);
  await on.proxy.close();
});

test('a second source is tried when the first has not delivered in time; the loser is closed once', async () => {
  const on = stage({ recovery: { hedgeMs: 2_000 } });
  const join = on.proxy.join('a');
  await on.clock.advance(1_900);
  expect(on.sources).toHaveLength(1);
  await on.clock.advance(200);
  expect(on.contexts.map(({ hedge }) => hedge)).toEqual([false, true]);
  on.sources[1]!.push(part(0, 2));
  await on.clock.advance(0);
  expect(on.sources.map(({ closedWith }) => closedWith)).toEqual([['superseded'], []]);
  expect(on.proxy.stats('a')?.source).toBe('engine-2');
  (await join).end('left');
  await on.proxy.close();
  expect(on.sources.map(({ closedWith }) => closedWith.length)).toEqual([1, 1]);
});
