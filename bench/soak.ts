/**
 * Runs the proxy for a while under viewers that come and go and engines that die, and says whether anything grows.
 *
 *   pnpm soak [--minutes 10] [--viewers 60] [--channels 6] [--json <file>]
 *
 * The exit code is not 0 when the heap, the RSS or the number of handles grew over the second half, a join failed, or
 * something was left after the proxy was closed.
 */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import { Child } from './child.ts';
import { Engines } from './soak/engines.ts';
import { decimals, printTable } from './table.ts';

const SAMPLE_MS = 5_000;
const KILL_MS = 20_000;
const MIB = 2 ** 20;
/** Growth over the second half that is still noise. */
const TOLERANCE = { heapMib: 2, rssMib: 40, handles: 25 };

interface Sample {
  readonly minute: number;
  readonly heapMib: number;
  /** What V8 has reserved: its young generation grows with the load, long after the start. */
  readonly heapTotalMib: number;
  readonly rssMib: number;
  readonly ringMib: number;
  readonly handles: number;
  readonly sessions: number;
  readonly clients: number;
  readonly joins: number;
  readonly kills: number;
}

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    viewers: { type: 'string', default: '60' },
    channels: { type: 'string', default: '6' },
    json: { type: 'string' },
  },
});

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const faults: string[] = [];
const samples: Sample[] = [];
const startedMs = performance.now();
const handlesBefore = process.getActiveResourcesInfo().length;

await using engines = new Engines();
await engines.start();
const proxy = new MpegTsProxy({
  open: engines.open,
  join: { behindMs: 4_000 },
  linger: { ms: 1_000 },
  // Every engine dies so often that this would count as an unstable source.
  recovery: { minDeliveredMs: 0, maxAttempts: 10_000, maxFailures: 1_000 },
  client: { stallTimeoutMs: 20_000 },
});
const server = createServer((request, response) => {
  proxy.attach(request.url!.slice(1), response).catch((error: unknown) => {
    if (!response.destroyed) response.writeHead(503).end(String(error));
  });
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const viewers = new Child('viewers', process.execPath, [
  fileURLToPath(new URL('soak/viewers.ts', import.meta.url)),
  origin,
  values.viewers,
  values.channels,
]);

const endMs = startedMs + Number(values.minutes) * 60_000;
let killMs = startedMs + KILL_MS;
while (performance.now() < endMs) {
  await delay(SAMPLE_MS);
  samples.push(sample());
  if (performance.now() < killMs) continue;
  killMs += KILL_MS;
  await engines.killOne();
}

const { totals } = proxy.stats();
const seen = viewers.said.at(-1) as { joins: number; failures: number };
await viewers.end();
await proxy.close();
server.closeAllConnections();
await new Promise((resolve) => server.close(resolve));
await delay(500);
// What the engines' processes are connected by remains until they end.
const engineHandles = 2 * 4;
const handlesAfter = process.getActiveResourcesInfo().length;

report();

function sample(): Sample {
  for (let round = 0; round < 2; round++) collectGarbage();
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const stats = proxy.stats();
  return {
    minute: (performance.now() - startedMs) / 60_000,
    heapMib: heapUsed / MIB,
    heapTotalMib: heapTotal / MIB,
    rssMib: rss / MIB,
    ringMib: stats.memory.usedBytes / MIB,
    handles: process.getActiveResourcesInfo().length,
    sessions: stats.sessions.length,
    clients: stats.clients,
    joins: stats.totals.clients,
    kills: engines.kills,
  };
}

/** What a straight line through the second half of the samples gains over that half. */
function growth(of: (sample: Sample) => number): number {
  const half = samples.slice(samples.length >> 1);
  const meanX = half.reduce((sum, { minute }) => sum + minute, 0) / half.length;
  const meanY = half.reduce((sum, each) => sum + of(each), 0) / half.length;
  const covariance = half.reduce((sum, each) => sum + (each.minute - meanX) * (of(each) - meanY), 0);
  const variance = half.reduce((sum, { minute }) => sum + (minute - meanX) ** 2, 0);
  return variance === 0 ? 0 : (covariance / variance) * (half.at(-1)!.minute - half[0]!.minute);
}

function report(): void {
  const everyMinute = samples.filter((_, index) => index % Math.ceil(60_000 / SAMPLE_MS) === 0);
  printTable(
    `Soak of ${values.minutes} minutes`,
    [
      { heading: 'minute', text: ({ minute }) => decimals(minute, 1) },
      { heading: 'heap MiB', text: ({ heapMib }) => decimals(heapMib, 1) },
      { heading: 'reserved MiB', text: ({ heapTotalMib }) => decimals(heapTotalMib, 0) },
      { heading: 'RSS MiB', text: ({ rssMib }) => decimals(rssMib, 0) },
      { heading: 'rings MiB', text: ({ ringMib }) => decimals(ringMib, 0) },
      { heading: 'handles', text: ({ handles }) => `${handles}` },
      { heading: 'streams', text: ({ sessions }) => `${sessions}` },
      { heading: 'clients', text: ({ clients }) => `${clients}` },
      { heading: 'joins', text: ({ joins }) => `${joins}` },
      { heading: 'engines killed', text: ({ kills }) => `${kills}` },
    ],
    everyMinute,
  );
  const heapMib = growth((each) => each.heapMib);
  // Rings that fill and empty, and a heap that V8 makes larger, are not growth.
  const rssMib = growth((each) => each.rssMib - each.ringMib - each.heapTotalMib);
  const handles = growth((each) => each.handles);
  console.log(
    `\n${totals.clients} joins, ${seen.failures} refused; recoveries ${JSON.stringify(totals.splices)}; ` +
      `growth over the second half: heap ${decimals(heapMib, 2)} MiB, RSS beyond the rings and what V8 reserves ${decimals(rssMib, 1)} MiB, ` +
      `handles ${decimals(handles, 1)}; after the close ${handlesAfter - handlesBefore} handles more than before`,
  );
  if (heapMib > TOLERANCE.heapMib) faults.push(`the heap grew by ${decimals(heapMib, 2)} MiB`);
  if (rssMib > TOLERANCE.rssMib) faults.push(`the RSS grew by ${decimals(rssMib, 1)} MiB`);
  if (handles > TOLERANCE.handles) faults.push(`handles grew by ${decimals(handles, 1)}`);
  if (seen.failures > 0) faults.push(`${seen.failures} joins were refused`);
  if (handlesAfter - handlesBefore > engineHandles) faults.push(`${handlesAfter - handlesBefore} handles were left`);
  if (proxy.stats().memory.usedBytes > 0) faults.push('ring memory was left');
  for (const fault of faults) console.log(`FAILED  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}

if (values.json !== undefined) await writeFile(values.json, JSON.stringify({ samples, totals, faults }, undefined, 1));
