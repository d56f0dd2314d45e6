/**
 * A fan-out as a function from Request to Response, the shape that Hono, h3 and others take:
 * `node fetch-handler.ts http://camera.local/live.ts 8000`, then open http://localhost:8000/live in players.
 */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { httpSource, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';

const [sourceUrl, port = '8000'] = process.argv.slice(2);
if (sourceUrl === undefined) throw new Error('Usage: fetch-handler.ts <URL of an MPEG-TS stream> [port]');

const proxy = new MpegTsProxy({ open: (url, { signal }) => httpSource(url, { signal }) });

async function handle(_request: Request): Promise<Response> {
  try {
    const client = await proxy.join(sourceUrl!);
    return new Response(client.readable(), { headers: { 'content-type': 'video/mp2t' } });
  } catch (error) {
    return new Response(`${(error as Error).message}\n`, { status: 503 });
  }
}

/** What an adapter of such a framework does on Node. */
const server = createServer(async (incoming, outgoing) => {
  const { status, headers, body } = await handle(new Request(`http://localhost:${port}${incoming.url}`));
  outgoing.writeHead(status, Object.fromEntries(headers));
  const stream = Readable.fromWeb(body as ReadableStream);
  outgoing.once('close', () => stream.destroy());
  stream.pipe(outgoing);
});
server.listen(Number(port), () => console.log(`Open http://localhost:${port}/live in a player`));
process.once('SIGTERM', async () => {
  server.close();
  await proxy.close();
});
