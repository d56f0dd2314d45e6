import { type ClientRequest, get, type IncomingMessage } from 'node:http';

/** One player: a connection of its own, reading as fast as it can. */
export class Player implements Disposable {
  /** When it asked, by `performance.now()`. */
  readonly askedMs = performance.now();
  readonly response: Promise<IncomingMessage>;
  /** Resolves when the connection has ended, however that came about. */
  readonly ended: Promise<void>;
  readonly chunks: Buffer[] = [];
  readonly #request: ClientRequest;
  #bytes = 0;
  #wake: (() => void)[] = [];

  constructor(
    url: string,
    options: { readonly headers?: Readonly<Record<string, string>>; readonly reading?: boolean } = {},
  ) {
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.ended = ended;
    this.#request = get(url, { agent: false, headers: { ...options.headers } });
    this.response = new Promise((resolve, reject) => {
      this.#request.once('response', (response) => {
        resolve(response);
        response.once('close', end);
        response.on('error', () => {});
        if (options.reading === false) return;
        response.on('data', (chunk: Buffer) => {
          this.chunks.push(chunk);
          this.#bytes += chunk.length;
          for (const wake of this.#wake.splice(0)) wake();
        });
      });
      this.#request.on('error', (error) => {
        reject(error);
        end();
      });
    });
    // Whoever only waits for bytes or the end sees the failure there.
    this.response.catch(() => {});
  }

  get bytes(): number {
    return this.#bytes;
  }

  async status(): Promise<number> {
    return (await this.response).statusCode ?? 0;
  }

  /** The body of an error. */
  async json(): Promise<Record<string, unknown>> {
    await this.ended;
    return JSON.parse(Buffer.concat(this.chunks).toString());
  }

  /** Resolves when `count` more bytes have come; rejects when the connection ends or `timeoutMs` pass before. */
  async more(count = 188 * 100, timeoutMs = 10_000): Promise<void> {
    const wanted = this.#bytes + count;
    const deadline = performance.now() + timeoutMs;
    let over = false;
    void this.ended.then(() => {
      over = true;
      for (const wake of this.#wake.splice(0)) wake();
    });
    while (this.#bytes < wanted) {
      if (over) throw new Error(`the connection ended after ${this.#bytes} bytes`);
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`${this.#bytes} bytes came, not ${wanted}, within ${timeoutMs} ms`);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, leftMs);
      this.#wake.push(resolve);
      await promise;
      clearTimeout(timer);
    }
  }

  leave(): void {
    this.#request.destroy();
  }

  [Symbol.dispose](): void {
    this.leave();
  }
}
