import type { Socket } from 'node:net';
import { formatHead, type HeaderList, statusLine } from './format-head.ts';
import type { EngineRequest } from './parse-request.ts';

/** What every reply of one engine has in common. */
export interface ReplyManners {
  /** The `Server` header. */
  readonly server: string;
  /** Unix ms, for the `Date` header. */
  now(): number;
}

const CORS = ['Access-Control-Allow-Origin', '*'] as const;

/**
 * One request and the connection it came on. A connection carries one exchange: replies have no chunked framing and
 * mostly no Content-Length, and end by closing, as those of Python's BaseHTTPServer in the engine do.
 */
export class Exchange {
  readonly request: EngineRequest;
  readonly socket: Socket;
  readonly #manners: ReplyManners;
  readonly #gone = new AbortController();
  #status: number | undefined;
  /** Told of the status when it is sent. */
  onStatus: (status: number) => void = () => undefined;

  constructor(request: EngineRequest, socket: Socket, manners: ReplyManners) {
    this.request = request;
    this.socket = socket;
    this.#manners = manners;
    socket.once('close', () => this.#gone.abort(new Error('the client closed the connection')));
  }

  /** Aborted when the connection is closed, by either side. */
  get signal(): AbortSignal {
    return this.#gone.signal;
  }

  /** The status sent, or undefined while nothing was. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Sends a whole reply and closes. A HEAD request gets the head alone. */
  reply(status: number, headers: HeaderList, body: string | Uint8Array): void {
    if (this.#status !== undefined || this.socket.destroyed) return;
    this.socket.write(this.#head(status, headers));
    this.socket.end(this.request.method === 'HEAD' ? '' : body);
  }

  json(value: unknown): void {
    this.reply(200, [['Content-Type', 'application/json'], CORS], JSON.stringify(value));
  }

  /** Short plain text with a Content-Length: how the engine words its failures. */
  text(status: number, text: string): void {
    const length = String(Buffer.byteLength(text));
    this.reply(
      status,
      [
        ['Content-Type', 'text/plain'],
        ['Content-Length', length],
      ],
      text,
    );
  }

  /** A 302 whose body repeats the address. */
  redirect(url: string): void {
    this.reply(302, [['Location', url], CORS], `Redirect to ${url}`);
  }

  /** Sends only the head of an endless body; the caller writes to the socket from there on. */
  startBody(contentType: string): Socket {
    this.socket.write(this.#head(200, [['Content-Type', contentType], CORS, ['Connection', 'close']]));
    return this.socket;
  }

  /** Sends a head with a second status line where a header belongs, then closes: what a second reader of a session gets. */
  brokenHead(secondStatus: number): void {
    const head = this.#head(200, [['Content-Type', 'video/mp2t']]);
    this.socket.end(`${head.slice(0, -2)}${statusLine(secondStatus)}\r\n\r\n`);
  }

  /** Closes without an answer, with a TCP reset. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  #head(status: number, headers: HeaderList): string {
    this.#status = status;
    this.onStatus(status);
    return formatHead(status, headers, { server: this.#manners.server, date: new Date(this.#manners.now()) });
  }
}
