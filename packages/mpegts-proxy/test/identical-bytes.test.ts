import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { httpSource, MpegTsProxy } from '../src/index.ts';
import { PACKET_BYTES } from '../src/packet.ts';
import { transportStream } from '../src/testing.ts';
import { fanOut, OK, origin } from './origin.ts';
import { until } from './until.ts';

const stream = transportStream({ durationMs: 30_000, packetsPerFrame: 40 });
const second = stream.length / 30;
const PSI_BYTES = 2 * PACKET_BYTES;

/** Sends a part of the stream in pieces that fit no packet, most of them small. */
function send(socket: Socket, from: number, to: number): void {
  for (let at = from, step = 1; at < to; step++) {
    const end = Math.min(to, at + ((step * 7_919) % 9_973) + 1);
    socket.write(stream.subarray(at, end));
    at = end;
  }
}

test('whoever plays at the same time gets the same bytes, and together they are what the source sent', async () => {
  let source: Socket | undefined;
  await using place = await origin((socket) => {
    socket.write(OK);
    send(socket, 0, 10 * second);
    source = socket;
  });
  const proxy = new MpegTsProxy({
    open: (_key, { signal }) => httpSource(place.url, { signal }),
    join: { behindMs: 4_000 },
    // A machine that takes a pause must not look like a source that does.
    client: { keepAliveMs: 60_000 },
    recovery: { stallMs: 3_600_000 },
  });
  await using stand = await fanOut(proxy);
  const arrived = (bytes: number): Promise<void> =>
    until(() => proxy.stats('a')?.bytesIn === bytes, `${bytes} bytes from the source`);
  const players = [stand.play('a'), stand.play('a')];
  await arrived(10 * second);
  players.push(stand.play('a'));
  await until(() => proxy.stats('a')?.clients.length === 3, 'the third player');
  send(source!, 10 * second, 20 * second);
  await arrived(20 * second);
  players.push(stand.play('a'), stand.play('a'));
  await until(() => proxy.stats('a')?.clients.length === 5, 'all players');
  send(source!, 20 * second, stream.length);
  await arrived(stream.length);
  await until(() => proxy.stats('a')!.clients.every(({ lagBytes }) => lagBytes === 0), 'everything to be written');
  await proxy.stop('a');
  await Promise.all(players.map(({ ended }) => ended));
  const bodies = players.map(({ body }) => body);
  const [first, alongside, ...later] = bodies;
  expect(Buffer.compare(first!, stream)).toBe(0);
  expect(Buffer.compare(alongside!, stream)).toBe(0);
  for (const body of later) {
    // PAT and PMT first, then from a keyframe on every byte that came.
    expect(body.length).toBeGreaterThan(10 * second);
    expect(body.length % second).toBe(0);
    const from = stream.length - body.length;
    expect(Buffer.compare(body.subarray(PSI_BYTES), stream.subarray(from + PSI_BYTES))).toBe(0);
  }
  expect(Buffer.compare(later[1]!, later[2]!)).toBe(0);
  const sent = bodies.reduce((sum, { length }) => sum + length, 0);
  expect(proxy.stats().totals).toMatchObject({ bytesIn: stream.length, bytesOut: sent, skips: 0 });
  expect(place.asked).toHaveLength(1);
});
