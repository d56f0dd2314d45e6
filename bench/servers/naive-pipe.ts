/**
 * The fan-out that people write first: one upstream request, and `res.write` to everyone at every chunk. It waits for the
 * slowest client, as a pipe does.
 *
 *   naive-pipe.ts --source http://127.0.0.1:1234
 */
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { sayLoopDelay } from './loop-delay.ts';

sayLoopDelay();
const { source = '' } = parseArgs({ options: { source: { type: 'string' } } }).values;

class FanOut {
  readonly #clients = new Set<ServerResponse>();
  readonly #full = new Set<ServerResponse>();
  #upstream: IncomingMessage | undefined;

  constructor(path: string) {
    get(source + path, (upstream) => {
      this.#upstream = upstream;
      upstream.on('data', (chunk: Uint8Array) => this.#write(chunk));
      upstream.on('end', () => process.exit(0));
    });
  }

  add(client: ServerResponse): void {
    client.writeHead(200, { 'content-type': 'video/mp2t' });
    this.#clients.add(client);
    client.on('drain', () => this.#drained(client));
    client.on('close', () => {
      this.#clients.delete(client);
      this.#drained(client);
    });
  }

  #write(chunk: Uint8Array): void {
    for (const client of this.#clients) if (!client.write(chunk)) this.#full.add(client);
    if (this.#full.size > 0) this.#upstream?.pause();
  }

  #drained(client: ServerResponse): void {
    this.#full.delete(client);
    if (this.#full.size === 0) this.#upstream?.resume();
  }
}

const streams = new Map<string, FanOut>();
const server = createServer((request, response) => {
  const path = request.url ?? '/';
  const stream = streams.get(path) ?? new FanOut(path);
  streams.set(path, stream);
  stream.add(response);
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));
