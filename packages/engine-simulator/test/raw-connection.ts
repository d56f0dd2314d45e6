import { connect, type Socket } from 'node:net';

/** How the other side ended a connection. */
export type ConnectionEnd = 'eof' | 'reset';

/** A GET sent by hand, and every byte that came back: what an HTTP client would hide. */
export class RawConnection implements Disposable {
  readonly socket: Socket;
  /** Settles when the connection is over. */
  readonly ended: Promise<ConnectionEnd>;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #foundHeadEnd = -1;
  #failure: Error | undefined;

  constructor(
    url: string,
    options: { readonly method?: string; readonly headers?: string; readonly request?: string } = {},
  ) {
    const { hostname, port, host, pathname, search } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('data', (chunk) => {
      this.#chunks.push(chunk);
      this.#bytes += chunk.length;
    });
    this.ended = new Promise((resolve) => {
      this.socket.on('error', (error) => {
        this.#failure = error;
      });
      this.socket.on('close', () => resolve(this.#failure ? 'reset' : 'eof'));
    });
    const head = options.headers ?? `Host: ${host}\r\n`;
    this.socket.write(options.request ?? `${options.method ?? 'GET'} ${pathname}${search} HTTP/1.1\r\n${head}\r\n`);
  }

  /** Why the connection failed, if it did. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Everything received. */
  get bytes(): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    return all;
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** Status line and headers, without the blank line; empty while they are not all there. */
  get head(): string {
    const end = this.#headEnd;
    return end < 0 ? '' : this.bytes.subarray(0, end).toString('latin1');
  }

  get status(): number {
    return Number(this.head.split(' ')[1]);
  }

  /** What came after the head. */
  get body(): Buffer {
    return this.#headEnd < 0 ? Buffer.alloc(0) : this.bytes.subarray(this.#headEnd + 4);
  }

  get bodyBytes(): number {
    return this.#headEnd < 0 ? 0 : this.#bytes - this.#headEnd - 4;
  }

  get bytesReceived(): number {
    return this.#bytes;
  }

  header(name: string): string | undefined {
    const line = this.head
      .split('\r\n')
      .find((candidate) => candidate.toLowerCase().startsWith(`${name.toLowerCase()}: `));
    return line?.slice(name.length + 2);
  }

  /** Waits until at least this much of the body is there. Rejects when the connection ends before. */
  async untilBody(bytes: number): Promise<Buffer> {
    while (this.bodyBytes < bytes) {
      if (this.socket.destroyed) throw new Error(`the connection ended after ${this.bodyBytes} of ${bytes} bytes`);
      await this.#change();
    }
    return this.body;
  }

  /** Waits until the head is there. */
  async untilHead(): Promise<string> {
    while (this.head === '' && !this.socket.destroyed) await this.#change();
    return this.head;
  }

  close(): void {
    this.socket.destroy();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  get #headEnd(): number {
    if (this.#foundHeadEnd < 0) this.#foundHeadEnd = this.bytes.indexOf('\r\n\r\n');
    return this.#foundHeadEnd;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.socket.off('data', done).off('close', done);
        resolve();
      };
      this.socket.on('data', done).on('close', done);
    });
  }
}
