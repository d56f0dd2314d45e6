import { expect, test } from 'vitest';
import { PACKET_BYTES, pidOf } from '../src/packet.ts';
import { TEST_PIDS, transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { stage } from './stage.ts';

const stream = transportStream({ durationMs: 20_000 });
const second = stream.length / 20;
/** The first `seconds` of the stream: a whole number of keyframe distances. */
const upTo = (seconds: number): Uint8Array => stream.subarray(0, seconds * second);

test('two joins in the same moment open one source and both get its bytes', async () => {
  const { proxy, clock, sources } = stage();
  const joins = [proxy.join('a'), proxy.join('a')];
  await clock.advance(0);
  sources[0]!.push(upTo(1));
  const collectors = [new Collector(), new Collector()];
  (await Promise.all(joins)).forEach((client, index) => {
    client.sendTo(collectors[index]!);
  });
  sources[0]!.push(stream.subarray(second, 3 * second));
  await clock.advance(100);
  expect(sources).toHaveLength(1);
  for (const { bytes } of collectors)
    expect(bytes.subarray(-2 * second).equals(stream.subarray(second, 3 * second))).toBe(true);
  expect(collectors[0]!.bytes.equals(collectors[1]!.bytes)).toBe(true);
  await proxy.close();
});

test('a join starts with PAT, PMT and a keyframe about behindMs behind live', async () => {
  const { proxy, clock, sources } = stage({ join: { behindMs: 4_000 } });
  const first = proxy.join('a');
  await clock.advance(0);
  sources[0]!.push(upTo(12));
  const early = new Collector();
  (await first).sendTo(early);
  await clock.advance(50);
  const late = new Collector();
  (await proxy.join('a')).sendTo(late);
  await clock.advance(50);
  expect(pidOf(late.bytes, 0)).toBe(0);
  expect(pidOf(late.bytes, PACKET_BYTES)).toBe(TEST_PIDS.pmt);
  expect(pidOf(late.bytes, 2 * PACKET_BYTES)).toBe(TEST_PIDS.video);
  const media = late.bytes.subarray(2 * PACKET_BYTES);
  // The keyframe at 7 s, two packets of PSI behind the second's start: 12 s − 40 ms − 4 s lies in the eighth second.
  expect(media.equals(stream.subarray(7 * second + 2 * PACKET_BYTES, 12 * second))).toBe(true);
  await proxy.close();
});

test('a join with behindMs 0 starts at the newest keyframe', async () => {
  const { proxy, clock, sources } = stage();
  const first = proxy.join('a');
  await clock.advance(0);
  sources[0]!.push(upTo(12));
  (await first).sendTo(new Collector());
  const late = new Collector();
  (await proxy.join('a', { behindMs: 0 })).sendTo(late);
  await clock.advance(50);
  expect(late.bytes.length).toBe(second);
  await proxy.close();
});

test('radio is joined at once, without a keyframe', async () => {
  const radio = transportStream({ audioOnly: true, durationMs: 2_000 });
  const { proxy, clock, sources } = stage();
  const join = proxy.join('radio');
  await clock.advance(0);
  sources[0]!.push(radio.subarray(0, 6 * PACKET_BYTES));
  const client = await join;
  const collector = new Collector();
  client.sendTo(collector);
  await clock.advance(0);
  expect(pidOf(collector.bytes, 0)).toBe(0);
  await proxy.close();
});

test('a stream that shows no keyframe is joined at a packet boundary after maxKeyframeWaitMs', async () => {
  const { proxy, clock, sources } = stage({ join: { maxKeyframeWaitMs: 5_000 }, recovery: { stallMs: 60_000 } });
  let joined = false;
  const join = proxy.join('a').then((client) => {
    joined = true;
    return client;
  });
  await clock.advance(0);
  // From the middle of a group of pictures on: no PAT, no PMT, no keyframe.
  sources[0]!.push(stream.subarray(10 * PACKET_BYTES, 60 * PACKET_BYTES));
  await clock.advance(4_900);
  expect(joined).toBe(false);
  await clock.advance(200);
  expect(joined).toBe(true);
  await (await join)[Symbol.asyncDispose]();
  await proxy.close();
});

test('a creator that leaves does not cancel the opening for those who wait', async () => {
  const { proxy, clock, sources, contexts } = stage();
  const creator = new AbortController();
  const first = proxy.join('a', { signal: creator.signal });
  const secondJoin = proxy.join('a');
  await clock.advance(0);
  creator.abort(new Error('gone'));
  await expect(first).rejects.toThrow('gone');
  expect(contexts[0]!.signal.aborted).toBe(false);
  sources[0]!.push(upTo(1));
  const client = await secondJoin;
  expect(proxy.stats('a')?.clients).toHaveLength(1);
  client.end('left');
  await proxy.close();
});

test('an opening that nobody waits for any more is aborted, and what it opens is closed', async () => {
  const { proxy, clock, contexts, sources } = stage();
  const leave = new AbortController();
  const join = proxy.join('a', { signal: leave.signal });
  await clock.advance(0);
  leave.abort(new Error('gone'));
  await expect(join).rejects.toThrow('gone');
  await clock.advance(0);
  expect(contexts[0]!.signal.aborted || sources[0]!.closedWith.length === 1).toBe(true);
  expect(sources[0]!.closedWith).toEqual(['unused']);
  expect(proxy.has('a')).toBe(false);
  await proxy.close();
});

test('the session lingers, a join within that time goes on with the same source', async () => {
  const { proxy, clock, sources } = stage({ linger: { ms: 15_000 }, recovery: { stallMs: 600_000 } });
  const join = proxy.join('a');
  await clock.advance(0);
  sources[0]!.push(upTo(2));
  (await join).end('left');
  await clock.advance(14_900);
  const again = await proxy.join('a');
  await clock.advance(60_000 - 14_900 - 1);
  expect(sources).toHaveLength(1);
  expect(sources[0]!.closedWith).toEqual([]);
  again.end('left');
  await clock.advance(15_000);
  expect(sources[0]!.closedWith).toEqual(['unused']);
  expect(proxy.has('a')).toBe(false);
  await proxy.close();
});

test('each leave starts the linger anew', async () => {
  const { proxy, clock, sources } = stage({ linger: { ms: 15_000 }, recovery: { stallMs: 600_000 } });
  const join = proxy.join('a');
  await clock.advance(0);
  sources[0]!.push(upTo(2));
  (await join).end('left');
  await clock.advance(10_000);
  (await proxy.join('a')).end('left');
  await clock.advance(14_900);
  expect(proxy.has('a')).toBe(true);
  await clock.advance(200);
  expect(proxy.has('a')).toBe(false);
  await proxy.close();
});

test('the abort signal of a join ends the client that came of it', async () => {
  const { proxy, clock, sources } = stage();
  const leave = new AbortController();
  const join = proxy.join('a', { signal: leave.signal });
  await clock.advance(0);
  sources[0]!.push(upTo(2));
  const result = (await join).sendTo(new Collector());
  leave.abort();
  expect(await result).toMatchObject({ reason: 'left' });
  expect(proxy.stats('a')?.lingering).toBe(true);
  await proxy.close();
});

test('every session that ends and every client is told of once', async () => {
  const { proxy, clock, sources, eventsNamed } = stage();
  const join = proxy.join('a', { label: 'one' });
  await clock.advance(0);
  sources[0]!.push(upTo(2));
  const client = await join;
  const result = client.sendTo(new Collector());
  await clock.advance(10);
  expect(await proxy.stop('a')).toBe(true);
  expect((await result).reason).toBe('stopped');
  expect(eventsNamed('sessionEnd')).toMatchObject([{ key: 'a', reason: 'stopped' }]);
  expect(eventsNamed('clientEnd')).toMatchObject([{ label: 'one', reason: 'stopped' }]);
  expect(sources[0]!.closedWith).toHaveLength(1);
  expect(await proxy.stop('a')).toBe(false);
  await proxy.close();
});

test('after close nothing is left: no timer, no source, and joins are refused', async () => {
  const { proxy, clock, sources } = stage();
  const join = proxy.join('a');
  await clock.advance(0);
  sources[0]!.push(upTo(2));
  const result = (await join).sendTo(new Collector());
  await clock.advance(100);
  await proxy.close();
  await proxy.close();
  expect((await result).reason).toBe('shutdown');
  expect(sources[0]!.closedWith).toEqual(['shutdown']);
  await clock.advance(0);
  expect(clock.pending).toBe(0);
  await expect(proxy.join('a')).rejects.toMatchObject({ code: 'closed' });
});

test('twenty channels zapped through in turn leave no session behind', async () => {
  const { proxy, clock, sources } = stage({ linger: { ms: 1_000 }, recovery: { stallMs: 60_000 } });
  for (let channel = 0; channel < 20; channel++) {
    const join = proxy.join(`channel-${channel}`);
    await clock.advance(0);
    sources.at(-1)!.push(upTo(1));
    const client = await join;
    client.sendTo(new Collector());
    await clock.advance(500);
    client.end('left');
  }
  await clock.advance(1_000);
  expect(proxy.stats().sessions).toHaveLength(0);
  expect(sources.every((source) => source.closedWith.length === 1)).toBe(true);
  expect(clock.pending).toBe(0);
  await proxy.close();
});

test('a reader by for-await gets the same bytes as a socket', async () => {
  const { proxy, clock, sources } = stage();
  const joins = Promise.all([proxy.join('a'), proxy.join('a')]);
  await clock.advance(0);
  sources[0]!.push(upTo(1));
  const [reader, writer] = await joins;
  const collector = new Collector();
  writer!.sendTo(collector);
  const read: Uint8Array[] = [];
  const reading = (async () => {
    for await (const chunk of reader!) read.push(chunk);
  })();
  for (let part = 1; part < 6; part++) {
    sources[0]!.push(stream.subarray(part * second, (part + 1) * second));
    await clock.advance(100);
  }
  await proxy.stop('a');
  await reading;
  expect(Buffer.concat(read).equals(collector.bytes)).toBe(true);
  await proxy.close();
});

test('limits refuse with a code before any byte', async () => {
  const { proxy, clock, sources } = stage({ limits: { clientsPerSession: 1, sessions: 1 } });
  const join = proxy.join('a');
  await clock.advance(0);
  await expect(proxy.join('a')).rejects.toMatchObject({ code: 'too_many_clients', retryable: true });
  await expect(proxy.join('b')).rejects.toMatchObject({ code: 'too_many_sessions' });
  sources[0]!.push(upTo(1));
  (await join).end('left');
  // A lingering session gives its place up.
  const other = proxy.join('b');
  await clock.advance(0);
  expect(proxy.has('a')).toBe(false);
  sources[1]!.push(upTo(1));
  (await other).end('left');
  await proxy.close();
});
