/**
 * A live playlist with segments of two seconds, over HTTP and as files: what our proxy republishes, and what nginx
 * serves.
 *
 *   hls-origin.ts --folder /tmp/x --bits-per-second 4000000
 *
 * Says its port, and on SIGTERM how many segments it made and how often each was fetched at most.
 */
import { rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const TARGET_SECONDS = 2;
const WINDOW = 8;

const { folder = '', ...options } = parseArgs({
  options: { folder: { type: 'string' }, 'bits-per-second': { type: 'string', default: '4000000' } },
}).values;
const segment = Buffer.alloc(Math.round((Number(options['bits-per-second']) / 8) * TARGET_SECONDS), 0x47);
const fetches = new Map<string, number>();
let last = WINDOW - 1;

function playlist(): string {
  const first = last - WINDOW + 1;
  const lines = ['#EXTM3U', '#EXT-X-VERSION:3', `#EXT-X-TARGETDURATION:${TARGET_SECONDS}`];
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${first}`);
  for (let number = first; number <= last; number++) lines.push('#EXTINF:2.00000,', `${number}.ts`);
  return `${lines.join('\n')}\n`;
}

async function putFiles(): Promise<void> {
  await writeFile(join(folder, `${last}.ts`), segment);
  await writeFile(join(folder, 'next.m3u8'), playlist());
  await rename(join(folder, 'next.m3u8'), join(folder, 'live.m3u8'));
  await rm(join(folder, `${last - 2 * WINDOW}.ts`), { force: true });
}

const server = createServer((request, response) => {
  const path = request.url ?? '';
  fetches.set(path, (fetches.get(path) ?? 0) + 1);
  response.end(path === '/live.m3u8' ? playlist() : segment);
});
for (let number = 0; number < WINDOW; number++) await writeFile(join(folder, `${number}.ts`), segment);
await putFiles();
setInterval(() => {
  last++;
  putFiles();
}, TARGET_SECONDS * 1000);
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));

process.once('SIGTERM', () => {
  fetches.delete('/live.m3u8');
  const report = { segmentsFetched: fetches.size, mostFetchesOfOne: Math.max(0, ...fetches.values()) };
  process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
});
