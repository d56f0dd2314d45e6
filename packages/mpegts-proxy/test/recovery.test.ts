import { expect, test } from 'vitest';
import { SourceError } from '../src/index.ts';
import { continuityOf, isDiscontinuity, PACKET_BYTES, pidOf } from '../src/packet.ts';
import { fakeSource, transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { type Stage, stage } from './stage.ts';

const stream = transportStream({ durationMs: 30_000 });
const second = stream.length / 30;
const part = (from: number, to: number): Uint8Array => stream.subarray(from * second, to * second);

async function playing(on: Stage): Promise<{ collector: Collector; result: Promise<{ reason: string }> }> {
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(part(0, 10));
  const collector = new Collector();
  const result = (await join).sendTo(collector);
  await on.clock.advance(200);
  return { collector, result };
}

test('a source that breaks off in the middle of a packet is continued by another one with exactly the next packet', async () => {
  const on = stage();
  const { collector } = await playing(on);
  on.sources[0]!.push(stream.subarray(10 * second, 10 * second + 5 * PACKET_BYTES + 77));
  await on.clock.advance(100);
  on.sources[0]!.fail(new Error('ECONNRESET'));
  await on.clock.advance(100);
  expect(on.sources).toHaveLength(2);
  on.sources[1]!.push(stream.subarray(7 * second + 33, 14 * second));
  await on.clock.advance(500);
  expect(collector.bytes.equals(stream.subarray(0, 14 * second))).toBe(true);
  expect(on.eventsNamed('spliced')).toMatchObject([
    { splice: 'exact', from: 'engine-1', to: 'engine-2', reason: 'reset' },
  ]);
  expect(on.sources[0]!.closedWith).toEqual(['reset']);
  await on.proxy.close();
});

test('twenty sources in a row die and the client has the bytes of one uninterrupted stream', async () => {
  const long = transportStream({ durationMs: 140_000 });
  const on = stage({ recovery: { stallMs: 600_000 } });
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[0]!.push(long.subarray(0, 10 * second));
  const collector = new Collector();
  (await join).sendTo(collector);
  let head = 10;
  for (let death = 0; death < 20; death++) {
    on.sources.at(-1)!.end();
    await on.clock.advance(100);
    on.sources.at(-1)!.push(long.subarray((head - 3) * second + death, (head + 6) * second));
    head += 6;
    await on.clock.advance(13_000);
  }
  expect(on.sources).toHaveLength(21);
  expect(withoutNulls(collector.bytes).equals(long.subarray(0, head * second))).toBe(true);
  expect(on.proxy.stats('a')?.recoveries.every(({ splice }) => splice === 'exact')).toBe(true);
  await on.proxy.close();
});

test('a source on another timeline is cut to at a keyframe, announced per PID, its bytes unchanged', async () => {
  const on = stage();
  const { collector } = await playing(on);
  on.sources[0]!.end();
  await on.clock.advance(100);
  const other = transportStream({ durationMs: 6_000, seed: 7, startPcr: 10 ** 12, startContinuity: 5 });
  const otherSecond = other.length / 6;
  on.sources[1]!.push(other.subarray(Math.floor(otherSecond / PACKET_BYTES / 2) * PACKET_BYTES));
  await on.clock.advance(500);
  const after = withoutNulls(collector.bytes).subarray(10 * second);
  const announced: number[] = [];
  const sent: Buffer[] = [];
  for (let at = 0; at < after.length; at += PACKET_BYTES) {
    if (isDiscontinuity(after, at)) {
      announced.push(pidOf(after, at));
      const next = nextOfPid(after, at + PACKET_BYTES, pidOf(after, at));
      expect(continuityOf(after, next)).toBe((continuityOf(after, at) + 1) % 16);
    } else sent.push(after.subarray(at, at + PACKET_BYTES));
  }
  expect(announced).toEqual([0, 0x1000, 0x100, 0x101]);
  // PAT and PMT, then source bytes from the newest keyframe on.
  const bytes = Buffer.concat(sent).subarray(2 * PACKET_BYTES);
  expect(bytes.equals(other.subarray(other.length - bytes.length))).toBe(true);
  expect(bytes.length % otherSecond).toBe(otherSecond - 2 * PACKET_BYTES);
  expect(on.eventsNamed('spliced')).toMatchObject([{ splice: 'cut' }]);
  await on.proxy.close();
});

test('a source that falls silent is replaced, the client stays connected', async () => {
  const on = stage({ recovery: { stallMs: 3_000 } });
  const { collector } = await playing(on);
  await on.clock.advance(3_000);
  expect(on.eventsNamed('sourceEnd')).toMatchObject([{ reason: 'stalled' }]);
  // Make before break: the silent one stays until the new one delivers.
  expect(on.sources[0]!.closedWith).toEqual([]);
  expect(on.contexts[1]!.beside?.id).toBe('engine-1');
  on.sources[1]!.push(part(5, 12));
  await on.clock.advance(300);
  expect(on.sources[0]!.closedWith).toEqual(['stalled']);
  expect(withoutNulls(collector.bytes).equals(part(0, 12))).toBe(true);
  await on.proxy.close();
});

test('a recovery says how it was spliced, how long clients had no media, and what they missed', async () => {
  const on = stage({ recovery: { stallMs: 3_000 } });
  await playing(on);
  const slow = new Collector();
  slow.block();
  (await on.proxy.join('a')).sendTo(slow);
  await on.clock.advance(3_000);
  on.sources[1]!.push(part(6, 12));
  await on.clock.advance(0);
  // Silent from the beginning of `playing` on: 200 ms there, 3 000 ms to the stall.
  expect(on.eventsNamed('spliced')).toMatchObject([{ splice: 'exact', droppedBytes: 4 * second, skippedBytes: 0 }]);
  const [exact] = on.proxy.stats('a')!.recoveries;
  expect(exact!.gapMs).toBe(3_200);
  expect(exact!.clientGapMs).toBeGreaterThan(3_100);
  expect(exact!.clientGapMs).toBeLessThanOrEqual(3_200);
  await on.clock.advance(1_000);
  on.sources[1]!.end();
  await on.clock.advance(1_000);
  // Three seconds of the broadcast are gone, and the new source starts with PAT, PMT and a keyframe.
  on.sources[2]!.push(part(15, 20));
  await on.clock.advance(0);
  const [, gap] = on.proxy.stats('a')!.recoveries;
  expect(gap).toMatchObject({ splice: 'gap', gapMs: 2_000, droppedBytes: 2 * PACKET_BYTES });
  expect(gap!.skippedBytes! / (3 * second)).toBeCloseTo(1, 1);
  expect(on.proxy.stats().totals).toMatchObject({ recoveries: 2, splices: { exact: 1, gap: 1, cut: 0 } });
  await on.proxy.close();
  expect(on.proxy.stats().totals.splices).toEqual({ exact: 1, gap: 1, cut: 0 });
});

test('a pause shorter than the stall limit loses nothing and opens nothing', async () => {
  const on = stage({ recovery: { stallMs: 30_000 } });
  const { collector } = await playing(on);
  await on.clock.advance(20_000);
  on.sources[0]!.push(part(10, 12));
  await on.clock.advance(300);
  expect(on.sources).toHaveLength(1);
  expect(withoutNulls(collector.bytes).equals(part(0, 12))).toBe(true);
  await on.proxy.close();
});

test('with recovery switched off a clean end ends every client, and a new join starts afresh at once', async () => {
  const on = stage({ recovery: { maxFailures: 0 } });
  const { result } = await playing(on);
  on.sources[0]!.end();
  await on.clock.advance(100);
  expect((await result).reason).toBe('recovery_exhausted');
  expect(on.proxy.has('a')).toBe(false);
  const again = on.proxy.join('a');
  await on.clock.advance(0);
  on.sources[1]!.push(part(0, 2));
  (await again).end('left');
  await on.proxy.close();
});

test('a source that dies three times within three minutes without delivering is given up as source_unstable', async () => {
  const on = stage();
  const { result } = await playing(on);
  for (let death = 0; death < 4; death++) {
    on.sources.at(-1)!.end();
    await on.clock.advance(6_000);
  }
  expect((await result).reason).toBe('source_unstable');
  expect(on.sources.length).toBeLessThanOrEqual(4);
  await on.proxy.close();
});

test('while no source can be opened the client is kept, with bounded tries, and then told why', async () => {
  let opened = 0;
  const first = fakeSource('engine-1');
  const on = stage({
    open: async () => {
      if (opened++ === 0) return first;
      throw new SourceError('refused', 'unreachable', 'all engines are full');
    },
  });
  const join = on.proxy.join('a');
  await on.clock.advance(0);
  first.push(part(0, 10));
  const result = (await join).sendTo(new Collector());
  first.end();
  await on.clock.advance(20_000);
  expect(on.proxy.stats('a')?.state).toBe('recovering');
  expect(opened).toBeGreaterThan(3);
  await on.clock.advance(60_000);
  expect((await result).reason).toMatch(/recovery_exhausted|source_unstable/);
  expect(opened).toBeLessThanOrEqual(16);
  const [lost, ...tries] = on.eventsNamed('sourceEnd');
  expect(lost).toMatchObject({ source: 'engine-1', opened: true });
  expect(tries.length).toBeGreaterThan(3);
  for (const each of tries) expect(each).toMatchObject({ opened: false, reason: 'refused' });
  await on.proxy.close();
});

test('an end that is told twice starts one recovery', async () => {
  const on = stage();
  await playing(on);
  on.sources[0]!.fail(new Error('reset'));
  on.sources[0]!.end();
  await on.clock.advance(5_000);
  expect(on.eventsNamed('sourceEnd')).toHaveLength(1);
  expect(on.sources).toHaveLength(2);
  await on.proxy.close();
});

test('a recovery longer than the linger does not reap the waiting clients', async () => {
  const on = stage({ linger: { ms: 1_000 } });
  const { collector } = await playing(on);
  on.sources[0]!.end();
  await on.clock.advance(40_000);
  expect(on.proxy.stats('a')?.clients).toHaveLength(1);
  on.sources[1]!.push(part(8, 12));
  await on.clock.advance(300);
  expect(withoutNulls(collector.bytes).equals(part(0, 12))).toBe(true);
  await on.proxy.close();
});

test('the first source is tried again elsewhere before a join is refused, and the refusal has the cause', async () => {
  const failures: string[] = [];
  const on = stage({
    open: async (_key, { failed }) => {
      failures.push(failed.map(({ reason }) => reason).join());
      throw new SourceError('bad-response', 'bad_status', 'answered 500');
    },
  });
  const join = on.proxy.join('a');
  const refused = expect(join).rejects.toMatchObject({ code: 'open_failed', cause: { code: 'bad_status' } });
  await on.clock.advance(10_000);
  await refused;
  expect(failures).toEqual(['', 'bad-response', 'bad-response,bad-response']);
  await on.proxy.close();
});

test('a failure that is not worth another try refuses the join at once', async () => {
  let opened = 0;
  const on = stage({
    open: async () => {
      opened++;
      throw new SourceError('refused', 'other', 'on-demand content', { retryable: false });
    },
  });
  await expect(on.proxy.join('a')).rejects.toMatchObject({ code: 'open_failed', retryable: false });
  expect(opened).toBe(1);
  await on.proxy.close();
});

test('a source that never sends a byte is given up at the first-byte deadline, which the opener may move', async () => {
  const on = stage({ limits: { firstByteMs: 10_000, firstByteCapMs: 20_000 }, recovery: { openAttempts: 1 } });
  const join = on.proxy.join('a');
  const refused = expect(join).rejects.toMatchObject({ code: 'open_failed', cause: { code: 'timeout' } });
  await on.clock.advance(9_000);
  on.contexts[0]!.extend(60_000);
  await on.clock.advance(10_900);
  expect(on.proxy.has('a')).toBe(true);
  await on.clock.advance(200);
  await refused;
  expect(on.sources[0]!.closedWith).toEqual(['no-data']);
  await on.proxy.close();
});

test('a body that is no transport stream is refused with a code', async () => {
  const on = stage({ recovery: { openAttempts: 1 } });
  const join = on.proxy.join('a');
  const refused = expect(join).rejects.toMatchObject({ code: 'open_failed' });
  await on.clock.advance(0);
  on.sources[0]!.push(Buffer.from('<html>Not found</html>'));
  on.sources[0]!.end();
  await on.clock.advance(100);
  await refused;
  expect(on.eventsNamed('sourceEnd')).toMatchObject([{ reason: 'bad-response' }]);
  await on.proxy.close();
});

function withoutNulls(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += PACKET_BYTES) {
    if (pidOf(bytes, at) !== 0x1fff) kept.push(bytes.subarray(at, at + PACKET_BYTES));
  }
  return Buffer.concat(kept);
}

function nextOfPid(bytes: Buffer, from: number, pid: number): number {
  for (let at = from; at < bytes.length; at += PACKET_BYTES) if (pidOf(bytes, at) === pid) return at;
  throw new Error(`no further packet of PID ${pid}`);
}
