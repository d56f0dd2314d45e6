/**
 * One live stream, any number of players: `node fan-out.ts http://camera.local/live.ts 8000`, then open
 * http://localhost:8000 in as many players as you like. The camera sees one reader, and only while somebody watches.
 */
import { createServer } from 'node:http';
import { httpSource, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';

const [sourceUrl, port = '8000'] = process.argv.slice(2);
if (sourceUrl === undefined) throw new Error('Usage: fan-out.ts <URL of an MPEG-TS stream> [port]');

const proxy = new MpegTsProxy({
  open: (url, { signal }) => httpSource(url, { signal }),
  on: {
    clientStart: ({ client, joinMs }) => console.log(`${client} has a picture after ${Math.round(joinMs)} ms`),
    spliced: ({ from, to, splice }) => console.log(`went on from ${from} to ${to}: ${splice}`),
  },
});

const server = createServer((_request, response) => {
  proxy.attach(sourceUrl, response).catch((error: Error) => response.writeHead(503).end(`${error.message}\n`));
});
server.listen(Number(port), () => console.log(`Open http://localhost:${port} in a player`));

process.once('SIGTERM', async () => {
  server.close();
  await proxy.close();
});
