import { expect, test } from 'vitest';
import type { Part, Segment } from '../src/index.ts';
import { PACKET_BYTES, PCR_TICKS_PER_MS, pidOf } from '../src/packet.ts';
import { TEST_PIDS, transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { type Stage, stage } from './stage.ts';

const stream = transportStream({ durationMs: 60_000 });
const second = stream.length / 60;
const part = (from: number, to: number): Uint8Array => stream.subarray(from * second, to * second);

/** What an iteration over segments gives, taken as it comes. */
class Taken {
  readonly segments: Segment[] = [];
  readonly durationsMs: number[] = [];
  readonly partsOf: Part[][] = [];
  end: unknown;

  constructor(segments: AsyncIterable<Segment>) {
    this.#take(segments).then(
      () => {
        this.end = 'done';
      },
      (error: unknown) => {
        this.end = error;
      },
    );
  }

  async #take(segments: AsyncIterable<Segment>): Promise<void> {
    for await (const segment of segments) {
      this.segments.push(segment);
      segment.done.then(({ durationMs }) => this.durationsMs.push(Math.round(durationMs)));
      this.partsOf.push([]);
      this.#takeParts(segment, this.partsOf.at(-1)!);
    }
  }

  async #takeParts(segment: Segment, parts: Part[]): Promise<void> {
    for await (const piece of segment.parts) parts.push(piece);
  }

  get parts(): Part[] {
    return this.partsOf.flat();
  }

  get discontinuities(): number[] {
    return this.segments.filter(({ discontinuity }) => discontinuity).map(({ sequence }) => sequence);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.parts.flatMap(({ data }) => data));
  }
}

async function playing(on: Stage, seconds: number): Promise<Taken> {
  const taken = new Taken(on.proxy.segments('a'));
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, seconds));
  await on.clock.advance(100);
  return taken;
}

test('segments come in order, numbered from 0, and their parts before they are complete', async () => {
  const on = stage();
  const taken = await playing(on, 10);
  expect(taken.segments.map(({ sequence }) => sequence)).toEqual([0, 1, 2]);
  expect(taken.durationsMs).toEqual([4_000, 4_000]);
  const complete = taken.parts.length;
  on.sources[0]!.push(part(10, 11));
  await on.clock.advance(100);
  expect(taken.durationsMs).toEqual([4_000, 4_000]);
  expect(taken.parts.length).toBeGreaterThan(complete);
  await on.proxy.close();
});

test('a segment can be read by several, from its first part on', async () => {
  const on = stage();
  const taken = await playing(on, 9);
  const [first] = taken.segments;
  const again: Part[] = [];
  for await (const piece of first!.parts) again.push(piece);
  expect(again).toEqual(taken.partsOf[0]);
  expect(again.length).toBeGreaterThan(5);
  await on.proxy.close();
});

test('segments and clients of the same key share one source', async () => {
  const on = stage();
  const taken = await playing(on, 10);
  const collector = new Collector();
  const client = on.proxy.join('a');
  (await client).sendTo(collector);
  on.sources[0]!.push(part(10, 13));
  await on.clock.advance(100);
  expect(on.sources).toHaveLength(1);
  expect(collector.bytes.length).toBeGreaterThan(0);
  expect(taken.durationsMs).toEqual([4_000, 4_000, 4_000]);
  await on.proxy.close();
});

test('where a session runs already, its past is cut at once', async () => {
  const on = stage();
  const client = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 20));
  (await client).sendTo(new Collector());
  await on.clock.advance(1_000);
  const taken = new Taken(on.proxy.segments('a'));
  await on.clock.advance(100);
  expect(taken.durationsMs).toEqual([4_000, 4_000, 4_000, 4_000]);
  await on.proxy.close();
});

test('an iteration keeps the session alive, and its end is a client that leaves', async () => {
  const on = stage({ linger: { ms: 15_000 }, recovery: { stallMs: 600_000 } });
  const segments = on.proxy.segments('a');
  const first = segments.next();
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 10));
  await first;
  expect(on.proxy.stats('a')?.clients).toHaveLength(1);
  await on.clock.advance(60_000);
  expect(on.proxy.has('a')).toBe(true);
  const waiting = [segments.next(), segments.next(), segments.next(), segments.next()];
  await segments.return?.();
  expect((await Promise.all(waiting)).at(-1)).toEqual({ done: true, value: undefined });
  expect(on.proxy.stats('a')?.clients).toHaveLength(0);
  await on.clock.advance(14_900);
  expect(on.proxy.has('a')).toBe(true);
  await on.clock.advance(200);
  expect(on.proxy.has('a')).toBe(false);
  expect(on.sources[0]!.closedWith).toEqual(['unused']);
  expect(on.clock.pending).toBe(0);
});

test('an iteration that nobody has begun opens nothing', async () => {
  const on = stage();
  const segments = on.proxy.segments('a');
  await on.clock.advance(1_000);
  expect(on.sources).toHaveLength(0);
  await segments.return?.();
  expect(await segments.next()).toEqual({ done: true, value: undefined });
  await on.proxy.close();
});

test('an abort rejects with its reason and leaves at once', async () => {
  const on = stage();
  const abort = new AbortController();
  const taken = new Taken(on.proxy.segments('a', { signal: abort.signal }));
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 2));
  await on.clock.advance(100);
  const reason = new Error('enough');
  abort.abort(reason);
  await on.clock.advance(0);
  expect(taken.end).toBe(reason);
  expect(on.proxy.stats('a')?.clients).toHaveLength(0);
  await on.proxy.close();
});

test('when the session ends, what was cut is handed out, and then the reason', async () => {
  const on = stage();
  const taken = await playing(on, 10);
  await on.proxy.stop('a');
  await on.clock.advance(0);
  expect(taken.durationsMs).toEqual([4_000, 4_000, 2_000]);
  expect(taken.end).toMatchObject({ code: 'session_ended', message: 'The stream a ended: stopped' });
  await on.proxy.close();
});

test('a stream that cannot be opened rejects as a join does', async () => {
  const on = stage({
    open: async () => {
      throw new Error('no such thing');
    },
  });
  const taken = new Taken(on.proxy.segments('a'));
  await on.clock.advance(60_000);
  expect(taken.end).toMatchObject({ code: 'open_failed' });
  expect(() => on.proxy.segments('a', { targetDurationMs: 10 })).toThrow(RangeError);
  await on.proxy.close();
});

test('a source that is replaced exactly leaves no trace in the segments', async () => {
  const on = stage();
  const taken = await playing(on, 10);
  on.sources[0]!.fail(new Error('ECONNRESET'));
  await on.clock.advance(100);
  on.sources[1]!.push(part(7, 21));
  await on.clock.advance(100);
  expect(on.eventsNamed('spliced')).toMatchObject([{ splice: 'exact' }]);
  expect(taken.discontinuities).toEqual([]);
  expect(taken.durationsMs).toEqual([4_000, 4_000, 4_000, 4_000, 4_000]);
  expect(videoOf(taken.bytes).equals(videoOf(part(0, 21)).subarray(0, videoOf(taken.bytes).length))).toBe(true);
  await on.proxy.close();
});

test.each([
  ['gap', part(14, 24)],
  ['cut', transportStream({ durationMs: 10_000, startPcr: 9_000_000 * PCR_TICKS_PER_MS, seed: 7 })],
])('a %s is a discontinuity, exactly there', async (kind, bytes) => {
  const on = stage();
  const taken = await playing(on, 10);
  on.sources[0]!.fail(new Error('ECONNRESET'));
  await on.clock.advance(100);
  for (let at = 0; at < 10; at++) {
    on.sources[1]!.push(bytes.subarray(at * second, (at + 1) * second));
    await on.clock.advance(100);
  }
  expect(on.eventsNamed('spliced')).toMatchObject([{ splice: kind }]);
  expect(taken.discontinuities).toEqual([3]);
  expect(taken.durationsMs.slice(0, 4)).toEqual([4_000, 4_000, 2_000, 4_000]);
  await on.proxy.close();
});

test('who falls out of the ring goes on at a keyframe, with a discontinuity', async () => {
  const on = stage({ ring: { maxDurationMs: 5_000 }, recovery: { stallMs: 600_000 } });
  // Somebody else reads on.
  const client = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 2));
  (await client).sendTo(new Collector());
  const segments = on.proxy.segments('a');
  const seen: Segment[] = [];
  const take = (): Promise<unknown> => segments.next().then(({ value }) => value && seen.push(value));
  take();
  for (let at = 2; at < 58; at++) {
    on.sources[0]!.push(part(at, at + 1));
    await on.clock.advance(1_000);
  }
  on.sources[0]!.push(part(58, 60));
  for (let round = 0; round < 4; round++) {
    take();
    await on.clock.advance(100);
  }
  const discontinuities = seen.filter(({ discontinuity }) => discontinuity);
  expect(discontinuities).toHaveLength(1);
  const [first] = await firstPartOf(discontinuities[0]!);
  expect(pidOf(first!, 0)).toBe(0);
  await segments.return?.();
  await on.proxy.close();
});

test('a burst is cut up to eight target durations, and the rest as time passes; the source waits meanwhile', async () => {
  const on = stage({ recovery: { stallMs: 600_000 }, ring: { maxAheadMs: 10_000 } });
  const taken = new Taken(on.proxy.segments('a', { targetDurationMs: 2_000 }));
  await on.clock.advance(0);
  for (let at = 0; at < 60; at++) on.sources[0]!.push(part(at, at + 1));
  await on.clock.advance(100);
  const cutMs = (): number => taken.durationsMs.reduce((sum, ms) => sum + ms, 0);
  expect(cutMs()).toBeGreaterThanOrEqual(14_000);
  expect(cutMs()).toBeLessThanOrEqual(18_000);
  expect(on.sources[0]!.backlog).toBeGreaterThan(20);
  await on.clock.advance(20_000);
  expect(cutMs()).toBeGreaterThanOrEqual(34_000);
  expect(cutMs()).toBeLessThanOrEqual(38_000);
  await on.clock.advance(30_000);
  expect(cutMs()).toBe(58_000);
  expect(taken.discontinuities).toEqual([]);
  await on.proxy.close();
});

test('the time of a segment is told once the burst of the start is over, and agrees with the durations', async () => {
  const on = stage({ recovery: { stallMs: 600_000 } });
  const taken = await playing(on, 10);
  const liveAt = on.clock.wallNow();
  for (let at = 10; at < 40; at++) {
    on.sources[0]!.push(part(at, at + 1));
    await on.clock.advance(1_000);
  }
  const told = taken.segments.filter(({ programDateTimeMs }) => programDateTimeMs !== undefined);
  expect(told.length).toBeGreaterThan(4);
  for (const { sequence, programDateTimeMs } of told) {
    // Second 10 of the media was live when the burst was over.
    const expectedMs = liveAt + (4 * sequence - 10) * 1_000;
    expect(Math.abs(programDateTimeMs! - expectedMs)).toBeLessThan(1_500);
  }
  const distances = told
    .slice(1)
    .map(({ programDateTimeMs }, index) => programDateTimeMs! - told[index]!.programDateTimeMs!);
  for (const distance of distances) expect(distance).toBeCloseTo(4_000, 0);
  await on.proxy.close();
});

function videoOf(bytes: Uint8Array): Buffer {
  const kept: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    if (pidOf(bytes, at) === TEST_PIDS.video) kept.push(bytes.subarray(at, at + PACKET_BYTES));
  }
  return Buffer.concat(kept);
}

async function firstPartOf(segment: Segment): Promise<readonly Uint8Array[]> {
  for await (const piece of segment.parts) return piece.data;
  return [];
}
