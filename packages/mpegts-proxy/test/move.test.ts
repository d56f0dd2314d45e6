import { expect, test } from 'vitest';
import { SourceError } from '../src/index.ts';
import { transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { type Stage, stage } from './stage.ts';

const stream = transportStream({ durationMs: 30_000 });
const second = stream.length / 30;
const part = (from: number, to: number): Uint8Array => stream.subarray(from * second, to * second);

async function playing(on: Stage): Promise<Collector> {
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 10));
  const collector = new Collector();
  void (await join).sendTo(collector);
  await on.clock.advance(200);
  return collector;
}

test('a stream that is moved goes over to another source without a byte lost, while the old one delivers to the last', async () => {
  const on = stage({ recovery: { stallMs: 600_000 } });
  const collector = await playing(on);
  expect(on.proxy.move('a')).toBe(true);
  expect(on.proxy.move('a')).toBe(false);
  await on.clock.advance(100);
  expect(on.sources).toHaveLength(2);
  on.sources[0]!.push(part(10, 12));
  await on.clock.advance(200);
  expect(on.sources[0]!.closedWith).toEqual([]);
  on.sources[1]!.push(part(7, 14));
  await on.clock.advance(500);
  expect(collector.bytes.equals(stream.subarray(0, 14 * second))).toBe(true);
  expect(on.sources[0]!.closedWith).toEqual(['moved']);
  expect(on.eventsNamed('spliced')).toMatchObject([
    { splice: 'exact', from: 'engine-1', to: 'engine-2', reason: 'moved' },
  ]);
  await on.proxy.close();
});

test('a stream that cannot be moved stays where it is', async () => {
  const on = stage({ recovery: { stallMs: 600_000, maxOutageMs: 3_000 } });
  const collector = await playing(on);
  expect(on.proxy.move('unknown')).toBe(false);
  expect(on.proxy.move('a')).toBe(true);
  for (let from = 10; from < 20; from += 1) {
    await on.clock.advance(500);
    on.sources[0]!.push(part(from, from + 1));
    const candidate = on.sources.at(-1)!;
    if (candidate !== on.sources[0]) candidate.fail(new SourceError('refused', 'other', 'no engine is free'));
    await on.clock.advance(100);
  }
  await on.clock.advance(500);
  expect(on.sources[0]!.closedWith).toEqual([]);
  expect(on.proxy.stats('a')?.state).toBe('live');
  expect(collector.bytes.subarray(0, 20 * second).equals(stream.subarray(0, 20 * second))).toBe(true);
  await on.proxy.close();
});
