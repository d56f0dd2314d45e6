import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Crowd } from './crowd.ts';

const dist = fileURLToPath(new URL('../../dist', import.meta.url));

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

export interface CrowdServer extends AsyncDisposable {
  readonly origin: string;
}

/** Serves the built page and a {@link Crowd} behind the paths that the page asks; whatever else is asked is a 404. */
export async function serveCrowd(crowd: Crowd, port = 0): Promise<CrowdServer> {
  const feeds = new Set<ServerResponse>();
  let id = 0;
  const send = (feed: ServerResponse, name: string, data: unknown): void => {
    id += 1;
    feed.write(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://crowd');
    const json = (body: unknown, status = 200): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    if (url.pathname.startsWith('/panel/')) return void sendFile(url.pathname.slice('/panel/'.length), response);
    switch (url.pathname) {
      case '/api/v1/live': {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
        feeds.add(response);
        response.on('close', () => feeds.delete(response));
        const { engines, streams, status } = crowd;
        return send(response, 'snapshot', { engines, streams, status, pulls: [] });
      }
      case '/api/v1/events': {
        const limit = Number(url.searchParams.get('limit') ?? 100);
        const offset = Number(url.searchParams.get('offset') ?? 0);
        const type = url.searchParams.get('event_type');
        return json(
          crowd.events.filter(({ event_type }) => type === null || event_type === type).slice(offset, offset + limit),
        );
      }
      case '/api/v1/settings/schema':
        return json({});
      default:
        return json({ error: { code: 'not_found', message: 'The crowd has no such thing.', retryable: false } }, 404);
    }
  });
  const timer = setInterval(() => {
    const moved = crowd.streams.map((_, index) => crowd.move(index));
    for (const feed of feeds) {
      for (const stream of moved) send(feed, 'stream', stream);
      send(feed, 'status', crowd.status);
    }
  }, 1_000);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const file = join(dist, normalize(`/${path === '' ? 'index.html' : path}`));
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' }).end(content);
}
