import { createServer, type Server, type Socket } from 'node:net';
import { SimulatorError } from '../simulator-error.ts';
import { Exchange, type ReplyManners } from './exchange.ts';
import { parseRequest } from './parse-request.ts';

const MAX_HEAD_BYTES = 65_536;
/** A socket takes this much before it asks to wait: large enough for a 100 Mbit/s reader paced every 20 ms. */
const WRITE_HIGH_WATER_BYTES = 256 * 1024;

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  readonly manners: ReplyManners;
  /** Answers one exchange; a rejection is a defect of the simulator and becomes a 500 with its message. */
  handle(exchange: Exchange): Promise<void>;
  /** Asked for each connection before anything is read; `false` resets it. */
  accept(remoteAddress: string): boolean;
}

/**
 * A TCP listener with the manners of the engine's Python BaseHTTPServer: one request per connection, each handled on its
 * own, so that a request that hangs holds up no other.
 */
export class HttpServer {
  readonly #options: HttpServerOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  /** Resolves when the listener stopped last is gone, and with it the connections it accepted. */
  #released: Promise<void> = Promise.resolve();
  #port: number;

  constructor(options: HttpServerOptions) {
    this.#options = options;
    this.#port = options.port;
  }

  /** The port listened on; after the first `listen` it stays the same. */
  get port(): number {
    return this.#port;
  }

  get listening(): boolean {
    return this.#server?.listening ?? false;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** Starts to accept connections. Rejects with a `SimulatorError` when the port cannot be had. Does nothing when listening. */
  async listen(): Promise<void> {
    if (this.#server) return;
    const { host } = this.#options;
    const server = createServer({ highWaterMark: WRITE_HIGH_WATER_BYTES, noDelay: true }, (socket) =>
      this.#connect(socket),
    );
    this.#server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ host, port: this.#port }, resolve);
      });
    } catch (cause) {
      this.#server = undefined;
      throw new SimulatorError('listen-failed', `cannot listen on ${host}:${this.#port}`, { cause, retryable: false });
    }
    const address = server.address();
    if (address && typeof address === 'object') this.#port = address.port;
  }

  /** Stops accepting; connections that are open go on. New ones are refused by the operating system. */
  stopListening(): void {
    const server = this.#server;
    this.#server = undefined;
    if (server) this.#released = new Promise((resolve) => server.close(() => resolve()));
  }

  /** Resets every open connection, as the death of the process does. */
  resetConnections(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Stops accepting, closes every connection, and resolves when all are gone. */
  async close(): Promise<void> {
    this.stopListening();
    const gone = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()).destroy()),
    );
    await Promise.all([...gone, this.#released]);
  }

  #connect(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    // Clients leave in the middle of a write all the time; 'close' follows and ends the exchange.
    socket.on('error', () => undefined);
    const remoteAddress = socket.remoteAddress?.replace(/^::ffff:/i, '') ?? '';
    if (!this.#options.accept(remoteAddress)) {
      socket.resetAndDestroy();
      return;
    }
    const localHost = `${socket.localAddress?.replace(/^::ffff:/i, '') ?? ''}:${socket.localPort ?? ''}`;
    let head = '';
    const onData = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      const end = /\r?\n\r?\n/.exec(head);
      if (!end && head.length <= MAX_HEAD_BYTES) return;
      socket.off('data', onData);
      socket.resume(); // a body is not read, and the client's close is only noticed while reading
      const request = end ? parseRequest(head.slice(0, end.index), { remoteAddress, localHost }) : undefined;
      if (!request) {
        socket.end(
          `HTTP/1.1 ${end ? '400 Bad Request' : '431 Request Header Fields Too Large'}\r\nConnection: close\r\n\r\n`,
        );
        return;
      }
      const exchange = new Exchange(request, socket, this.#options.manners);
      this.#options.handle(exchange).catch((error: unknown) => exchange.text(500, String(error)));
    };
    socket.on('data', onData);
  }
}
