/**
 * Records a channel for a while: `node record.ts http://camera.local/live.ts minute.ts 60`. The file begins with a
 * picture, and goes on with the next packet when the source breaks and comes back.
 */
import { createWriteStream } from 'node:fs';
import { httpSource, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';

const [sourceUrl, file, seconds = '60'] = process.argv.slice(2);
if (sourceUrl === undefined || file === undefined) throw new Error('Usage: record.ts <URL> <file> [seconds]');

await using proxy = new MpegTsProxy({ open: (url, { signal }) => httpSource(url, { signal }) });
const client = await proxy.join(sourceUrl, { behindMs: 0, signal: AbortSignal.timeout(Number(seconds) * 1_000) });
const { bytesSent, durationMs } = await client.sendTo(createWriteStream(file));
console.log(`${file}: ${(bytesSent / 1e6).toFixed(1)} MB in ${Math.round(durationMs / 1_000)} s`);
