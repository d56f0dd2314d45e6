import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { httpSource, MpegTsProxy } from '../src/index.ts';
import { PACKET_BYTES } from '../src/packet.ts';
import { transportStream } from '../src/testing.ts';
import { fanOut, OK, origin } from './origin.ts';
import { until } from './until.ts';

const stream = transportStream({ durationMs: 24_000, packetsPerFrame: 20 });
const second = stream.length / 24;
/** Where the first connection breaks off: in the middle of a packet. */
const brokenAt = 10 * second + 5 * PACKET_BYTES + 77;

const head = (field: string): string => OK.replace('\r\n\r\n', `\r\n${field}\r\n\r\n`);
const chunkOf = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

type Break = (socket: Socket, bytes: Uint8Array, broken: Promise<void>) => void;

const BREAKS: readonly [how: string, reason: string, answer: Break][] = [
  [
    'is reset',
    'reset',
    (socket, bytes, broken) => {
      socket.write(OK);
      socket.write(bytes);
      broken.then(() => socket.resetAndDestroy());
    },
  ],
  [
    'ends although more was announced',
    'reset',
    (socket, bytes, broken) => {
      socket.write(head(`Content-Length: ${stream.length}`));
      socket.write(bytes);
      broken.then(() => socket.end());
    },
  ],
  [
    'ends in the middle of a chunk',
    'reset',
    (socket, bytes, broken) => {
      socket.write(head('Transfer-Encoding: chunked'));
      socket.write(chunkOf(bytes.subarray(0, second)));
      socket.write(`${bytes.length.toString(16)}\r\n`);
      socket.write(bytes.subarray(second));
      broken.then(() => socket.end());
    },
  ],
  [
    'ends between two chunks, without the last one',
    'reset',
    (socket, bytes, broken) => {
      socket.write(head('Transfer-Encoding: chunked'));
      socket.write(chunkOf(bytes));
      broken.then(() => socket.end());
    },
  ],
  [
    'has a chunk whose length is none',
    'bad-response',
    (socket, bytes, broken) => {
      socket.write(head('Transfer-Encoding: chunked'));
      socket.write(chunkOf(bytes));
      broken.then(() => socket.write('zz\r\n'));
    },
  ],
  [
    'has a chunk that goes on behind its length',
    'bad-response',
    (socket, bytes, broken) => {
      socket.write(head('Transfer-Encoding: chunked'));
      socket.write(chunkOf(bytes));
      broken.then(() => socket.write('4\r\nGGGGGGGG\r\n'));
    },
  ],
  [
    'sends what cannot be decompressed',
    'bad-response',
    (socket, bytes, broken) => {
      socket.write(head('Content-Encoding: gzip'));
      socket.write(gzipSync(bytes, { level: 1 }));
      broken.then(() => socket.end('this is no gzip member'));
    },
  ],
];

test.each(BREAKS)(
  'a source whose connection %s is followed by another one, byte by byte, under the same player',
  async (_how, reason, answer) => {
    const { promise: broken, resolve: breakOff } = Promise.withResolvers<void>();
    await using place = await origin((socket, { number }) => {
      if (number === 0) return answer(socket, stream.subarray(0, brokenAt), broken);
      socket.write(OK);
      socket.write(stream.subarray(7 * second + 33, 20 * second));
    });
    const proxy = new MpegTsProxy({
      open: (_key, { signal, failed }) => httpSource(place.url, { signal, id: `try-${failed.length}` }),
      client: { keepAliveMs: 60_000 },
      recovery: { stallMs: 3_600_000 },
    });
    await using stand = await fanOut(proxy);
    const player = stand.play('a');
    const whole = Math.floor(brokenAt / PACKET_BYTES) * PACKET_BYTES;
    await until(() => player.body.length === whole, 'all before the break');
    breakOff();
    await until(() => player.body.length >= 20 * second, 'all behind the break');
    expect(Buffer.compare(player.body, stream.subarray(0, 20 * second))).toBe(0);
    expect(player.hasEnded).toBe(false);
    expect(proxy.stats('a')!.recoveries).toMatchObject([{ splice: 'exact', from: 'try-0', to: 'try-1', reason }]);
    expect(place.asked).toHaveLength(2);
  },
);
