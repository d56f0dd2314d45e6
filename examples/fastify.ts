/**
 * A fan-out as a route of Fastify: `node fastify.ts http://camera.local/live.ts 8000`, then open
 * http://localhost:8000/live in as many players as you like.
 */
import { httpSource, MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import { fastify } from 'fastify';

const [sourceUrl, port = '8000'] = process.argv.slice(2);
if (sourceUrl === undefined) throw new Error('Usage: fastify.ts <URL of an MPEG-TS stream> [port]');

const proxy = new MpegTsProxy({ open: (url, { signal }) => httpSource(url, { signal }) });
const app = fastify({ forceCloseConnections: true });

app.get('/live', async (request, reply) => {
  // Nothing has been sent before somebody joined: an error becomes an answer of Fastify's.
  const client = await proxy.join(sourceUrl, { label: request.ip }).catch((error: Error) => {
    throw Object.assign(error, { statusCode: 503 });
  });
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': 'video/mp2t', connection: 'close' });
  await client.sendTo(reply.raw);
});
app.addHook('onClose', () => proxy.close());

await app.listen({ port: Number(port) });
console.log(`Open http://localhost:${port}/live in a player`);
process.once('SIGTERM', () => app.close());
