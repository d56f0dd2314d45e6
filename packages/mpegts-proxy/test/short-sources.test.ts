import fc from 'fast-check';
import { expect, test } from 'vitest';
import { httpSource, MpegTsProxy, type MpegTsProxyOptions } from '../src/index.ts';
import { PACKET_BYTES, PCR_WRAP, pcrOf } from '../src/packet.ts';
import { transportStream } from '../src/testing.ts';
import { Collector } from './collector.ts';
import { type FanOut, fanOut, OK, origin } from './origin.ts';
import { stage } from './stage.ts';
import { until } from './until.ts';

const stream = transportStream({ durationMs: 2_000 });
const HOUR_MS = 3_600_000;

/** A source that sends so much and then nothing, and the stand it is played at. */
async function offering(bytes: Uint8Array, settings: Partial<MpegTsProxyOptions>, ends = false) {
  const place = await origin((socket) => {
    socket.write(OK);
    if (ends) socket.end(bytes);
    else socket.write(bytes);
  });
  const proxy = new MpegTsProxy({
    open: (_key, { signal }) => httpSource(place.url, { signal }),
    client: { keepAliveMs: 60_000 },
    recovery: { stallMs: HOUR_MS },
    ...settings,
  });
  const stand: FanOut = await fanOut(proxy);
  return {
    ...{ proxy, stand },
    async [Symbol.asyncDispose]() {
      await stand[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

test('who wants to start further behind live than the source has media starts at once with what there is', async () => {
  await using on = await offering(stream, { join: { behindMs: HOUR_MS, maxKeyframeWaitMs: 60_000 } });
  const players = [on.stand.play('a'), on.stand.play('a')];
  for (const player of players) {
    await until(() => player.body.length === stream.length, 'all that the source has');
    expect(Buffer.compare(player.body, stream)).toBe(0);
  }
});

test('a source that sends a picture without a keyframe and then nothing is played after the longest wait', async () => {
  // From the second packet of a keyframe on, without the next keyframe.
  const rest = stream.subarray(3 * PACKET_BYTES, (stream.length / 2 / PACKET_BYTES) * PACKET_BYTES);
  await using on = await offering(rest, { join: { behindMs: 10_000, maxKeyframeWaitMs: 300 } });
  const player = on.stand.play('a');
  await until(() => player.body.length >= rest.length, 'the packets that came');
  expect(Buffer.compare(player.body, rest)).toBe(0);
});

test('a source that ends before there is anything to start from refuses who waits', async () => {
  const tables = stream.subarray(0, 2 * PACKET_BYTES);
  const pictures = stream.subarray(20 * PACKET_BYTES, 80 * PACKET_BYTES);
  const settings = { join: { maxKeyframeWaitMs: 60_000 }, recovery: { maxFailures: 0 } };
  await using on = await offering(Buffer.concat([tables, pictures]), settings, true);
  const player = on.stand.play('a');
  await player.ended;
  expect(player.answer).toMatch(/^HTTP\/1\.1 502/);
  expect(player.body.toString()).toContain('session_ended');
});

/** The stream with other clock values, or none: what its bitrate is cannot be told. */
function withClock(bytes: Uint8Array, clock: (index: number) => number | undefined): Uint8Array {
  const changed = bytes.slice();
  let index = 0;
  for (let at = 0; at < changed.length; at += PACKET_BYTES) {
    if (pcrOf(changed, at) < 0) continue;
    const pcr = clock(index++);
    if (pcr === undefined) changed[at + 5]! &= ~0x10;
    else writePcr(changed, at, pcr);
  }
  return changed;
}

function writePcr(bytes: Uint8Array, at: number, pcr: number): void {
  const base = Math.floor(pcr / 300);
  const extension = pcr % 300;
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(at + 6, Math.floor(base / 2));
  bytes[at + 10] = ((base % 2) << 7) | 0x7e | (extension >> 8);
  bytes[at + 11] = extension & 0xff;
}

test.each([
  ['has no clock', () => undefined],
  ['has a clock that stands still', () => 27_000_000],
  ['has a clock that is always 0', () => 0],
  ['counts bits where it should count ticks', (index: number) => index * 40 * 8],
  ['has a clock that runs backwards', (index: number) => PCR_WRAP - 1 - index * 27_000 * 40],
])('a source that %s is played at once, and joined at a keyframe', async (_what, clock) => {
  const odd = withClock(stream, clock);
  await using on = await offering(odd, { join: { behindMs: 10_000, maxKeyframeWaitMs: 60_000 } });
  const first = on.stand.play('a');
  await until(() => first.body.length === odd.length, 'all that the source has');
  expect(Buffer.compare(first.body, odd)).toBe(0);
  const { bitsPerSecond } = on.proxy.stats('a')!;
  expect(Number.isFinite(bitsPerSecond)).toBe(true);
  const late = on.stand.play('a');
  await until(() => late.body.length >= odd.length / 2, 'the newest keyframe at least');
  const from = odd.length - late.body.length;
  expect(from % (odd.length / 2)).toBe(0);
  expect(Buffer.compare(late.body.subarray(2 * PACKET_BYTES), odd.subarray(from + 2 * PACKET_BYTES))).toBe(0);
});

test('whatever the clock of a burst says, its reading never stops for good', async () => {
  const burst = transportStream({ durationMs: 20_000, packetsPerFrame: 40 });
  const values = fc.array(fc.integer({ min: 0, max: PCR_WRAP - 1 }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 500, max: 20_000 }), async (pcrs, maxAheadMs) => {
      const odd = withClock(burst, (index) => pcrs[index % pcrs.length]!);
      const on = stage({
        ring: { maxBytes: 1024 * 1024, maxAheadMs },
        client: { keepAliveMs: 60_000 },
        recovery: { stallMs: HOUR_MS },
      });
      const join = on.proxy.join('a');
      await on.clock.advance(0);
      for (let at = 0; at < odd.length; at += 65_537) on.sources[0]!.push(odd.subarray(at, at + 65_537));
      const collector = new Collector();
      const sending = (await join).sendTo(collector);
      for (let round = 0; round < 100 && collector.byteCount < odd.length; round++) await on.clock.advance(100);
      await on.proxy.stop('a');
      expect(Buffer.compare(collector.bytes, odd)).toBe(0);
      expect((await sending).skips).toBe(0);
      await on.proxy.close();
    }),
    { numRuns: 10 },
  );
});
