/**
 * HLS as a part of an application that speaks Request and Response, as Hono, h3 and edge runtimes do:
 * `node hls-in-a-fetch-app.ts http://files.local/live.m3u8 8000`, then open http://localhost:8000/tv/news.m3u8.
 */
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { fromPlaylist, HlsProxy } from '@acestream-orchestrator/hls-proxy';

const [playlistUrl, port = '8000'] = process.argv.slice(2);
const channels = new Map([['news', playlistUrl ?? 'http://localhost:8080/live.m3u8']]);

const proxy = new HlsProxy({
  keyOf: (url) => channels.get(url.pathname.replace(/^\/tv\/|\.m3u8$/g, '')),
  open: (url, { signal }) => fromPlaylist(url, { signal }),
});

/** The application: with Hono this is `app.all('/tv/*', (c) => proxy.handle(c.req.raw))`. */
async function app(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname.startsWith('/tv/')) return proxy.handle(request);
  return new Response('Hello! Try /tv/news.m3u8\n');
}

/** What @hono/node-server does. */
const server = createServer(async (incoming, outgoing) => {
  const headers = new Headers(incoming.headers as Record<string, string>);
  const {
    status,
    headers: said,
    body,
  } = await app(new Request(`http://localhost:${port}${incoming.url}`, { method: incoming.method ?? 'GET', headers }));
  outgoing.writeHead(status, Object.fromEntries(said));
  if (body === null) outgoing.end();
  else Readable.fromWeb(body as ReadableStream).pipe(outgoing);
});
server.listen(Number(port), () => console.log(`Open http://localhost:${port}/tv/news.m3u8 in a player`));
process.once('SIGTERM', () => proxy.close().then(() => process.exit(0)));
