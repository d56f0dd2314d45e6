import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A registry whose large layers take minutes. */
export interface SlowRegistry extends AsyncDisposable {
  readonly host: string;
  /** Large layers that somebody downloads. */
  readonly downloads: number;
}

const largeBytes = 10_000_000;
/** How fast those are: a piece in so many milliseconds. */
const pieceBytes = 64 * 1024;
const pieceMs = 100;

/** Stands before a registry and slows it down. */
export async function slowRegistry(registry: string): Promise<SlowRegistry> {
  let downloads = 0;
  const server = createServer((incoming, response) => {
    const forward = request(
      {
        host: '127.0.0.1',
        port: registry.split(':')[1],
        path: incoming.url,
        method: incoming.method,
        headers: incoming.headers,
        agent: false,
      },
      (answer: IncomingMessage) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        if (Number(answer.headers['content-length'] ?? 0) < largeBytes || incoming.method !== 'GET') {
          answer.pipe(response);
          return;
        }
        downloads += 1;
        const timer = setInterval(() => response.write(answer.read(pieceBytes) ?? ''), pieceMs);
        response.once('close', () => {
          downloads -= 1;
          clearInterval(timer);
          answer.destroy();
        });
      },
    );
    forward.on('error', () => response.destroy());
    forward.end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get downloads() {
      return downloads;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
