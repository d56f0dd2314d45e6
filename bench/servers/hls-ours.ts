/**
 * HlsProxy behind plain node:http.
 *
 *   hls-ours.ts --source http://127.0.0.1:1234/live.m3u8    republishes a playlist
 *   hls-ours.ts --parts 333                                 cuts parts of so many milliseconds itself
 *
 * Says its port, when the first window was there, and each part when it was handed over; on SIGTERM its statistics.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { fromPlaylist, HlsProxy, type Part, type Segment } from '@acestream-orchestrator/hls-proxy';

const PARTS_PER_SEGMENT = 12;

const { source, parts = '0' } = parseArgs({
  options: { source: { type: 'string' }, parts: { type: 'string' } },
}).values;
const partMs = Number(parts);
const data = [Buffer.alloc(166_500, 0x47)];

function say(line: object): void {
  console.log(JSON.stringify(line));
}

/** CLOCK_MONOTONIC, as the viewers have it. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

async function* segments(): AsyncGenerator<Segment> {
  for (let sequence = 0; ; sequence++) {
    // A first window at once, as an engine's burst.
    const isBurst = sequence < 3;
    const { promise, resolve } = Promise.withResolvers<{ durationMs: number }>();
    async function* cut(): AsyncGenerator<Part> {
      for (let index = 0; index < PARTS_PER_SEGMENT; index++) {
        if (!isBurst) await delay(partMs);
        if (!isBurst) say({ cut: [sequence, index], atUs: nowUs() });
        yield { durationMs: partMs, independent: index === 0, data, byteLength: data[0]!.length };
      }
      resolve({ durationMs: PARTS_PER_SEGMENT * partMs });
    }
    yield { sequence, discontinuity: false, programDateTimeMs: undefined, parts: cut(), done: promise };
  }
}

const proxy = new HlsProxy({
  limits: { viewersPerSession: 10_000 },
  open: async (_key, { signal }) => (source === undefined ? segments() : fromPlaylist(source, { signal })),
  on: { sessionLive: () => say({ liveAtUs: nowUs() }) },
});
const server = createServer(proxy.nodeHandler());
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));

process.once('SIGTERM', () => {
  const { totals } = proxy.stats();
  process.stdout.write(`${JSON.stringify({ totals })}\n`, () => process.exit(0));
});
