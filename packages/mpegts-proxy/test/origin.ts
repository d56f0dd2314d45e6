import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { type AddressInfo, connect, createServer, type Server as NetServer, type Socket } from 'node:net';
import type { MpegTsProxy } from '../src/index.ts';

/** A request that reached an {@link Origin}. */
export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** 0 for the first request. */
  readonly number: number;
}

/** A source's server, whose every byte on the wire is the test's to decide. */
export interface Origin extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
}

/** What an HTTP server sends before a body that lasts as long as the connection. */
export const OK = 'HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\nConnection: close\r\n\r\n';

/** @param answer called with the connection once a whole request has come over it */
export async function origin(answer: (socket: Socket, asked: Asked) => void): Promise<Origin> {
  const asked: Asked[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
    let head = '';
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', read);
      socket.resume();
      const [line = '', ...fields] = head.slice(0, head.indexOf('\r\n\r\n')).split('\r\n');
      const headers = fields.map((field) => [field.split(': ')[0]!.toLowerCase(), field.split(': ')[1]!]);
      const request = { path: line.split(' ')[1]!, headers: Object.fromEntries(headers), number: asked.length };
      asked.push(request);
      answer(socket, request);
    };
    socket.on('data', read);
  });
  const url = await listening(server);
  return {
    url,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

/** Starts a server on a free port; its URL. */
async function listening(server: Server | NetServer): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An HTTP server that fans a proxy out under the keys that players ask for. */
export interface FanOut extends AsyncDisposable {
  /** Somebody who plays a key, over a connection of his own. */
  play(key: string): Player;
}

export async function fanOut(proxy: MpegTsProxy): Promise<FanOut> {
  const server = createHttpServer((request, response) => {
    proxy.attach(request.url!.slice(1), response).catch((error: { code?: string; cause?: { code?: string } }) => {
      response.writeHead(502).end(`${error.code} ${error.cause?.code}`);
    });
  });
  const { port } = new URL(await listening(server));
  return {
    play: (key) => new Player(Number(port), key),
    async [Symbol.asyncDispose]() {
      await proxy.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

export class Player {
  readonly #socket: Socket;
  readonly #chunks: Buffer[] = [];
  /** Resolves when the connection has ended. */
  readonly ended: Promise<unknown>;
  hasEnded = false;

  constructor(port: number, key: string) {
    this.#socket = connect(port, '127.0.0.1', () => this.#socket.write(`GET /${key} HTTP/1.0\r\n\r\n`));
    this.#socket.on('data', (chunk) => this.#chunks.push(chunk));
    this.#socket.on('error', () => {});
    this.ended = once(this.#socket, 'close').then(() => {
      this.hasEnded = true;
    });
  }

  /** All that came, as text. */
  get answer(): string {
    return Buffer.concat(this.#chunks).toString('latin1');
  }

  /** What came behind the head of the answer. */
  get body(): Buffer {
    const whole = Buffer.concat(this.#chunks);
    const end = whole.indexOf('\r\n\r\n');
    return end < 0 ? Buffer.alloc(0) : whole.subarray(end + 4);
  }

  leave(): void {
    this.#socket.destroy();
  }
}
