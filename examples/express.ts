/**
 * A fan-out as a route of Express: `node express.ts http://camera.local/live.ts 8000`, then open
 * http://localhost:8000/live in as many players as you like.
 */
import { httpSource, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import express from 'express';

const [sourceUrl, port = '8000'] = process.argv.slice(2);
if (sourceUrl === undefined) throw new Error('Usage: express.ts <URL of an MPEG-TS stream> [port]');

const proxy = new MpegTsProxy({ open: (url, { signal }) => httpSource(url, { signal }) });
const app = express();

app.get('/live', async (request, response) => {
  try {
    await proxy.attach(sourceUrl, response, { label: request.ip ?? 'somebody' });
  } catch (error) {
    response.status(503).send(`${(error as Error).message}\n`);
  }
});

const server = app.listen(Number(port), () => console.log(`Open http://localhost:${port}/live in a player`));
process.once('SIGTERM', async () => {
  server.close();
  await proxy.close();
});
