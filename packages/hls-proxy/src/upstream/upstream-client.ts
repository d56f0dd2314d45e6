import { Agent, type Dispatcher, request } from 'undici';
import type { Clock } from '../contract.ts';
import { HlsProxyError } from '../errors.ts';
import { decodeBody } from './decode-body.ts';
import type { ByteSpan } from './read-playlist.ts';

export interface UpstreamClientOptions {
  /** Connections to one host at most. */
  readonly connections: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly clock: Clock;
}

export interface GetOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  readonly span?: ByteSpan | undefined;
}

export interface Got {
  /** Where it was in the end. */
  readonly url: string;
  readonly data: readonly Uint8Array[];
  readonly byteLength: number;
}

const MAX_REDIRECTS = 5;
/** Smaller pieces than this on average are joined: each costs its readers more than one copy. */
const MIN_PIECE_BYTES = 16_384;
const PLAIN = /^(identity)?$/i;

/** HTTP to one upstream: one pool of connections for playlists, segments, keys and all. */
export class UpstreamClient {
  readonly #agent: Agent;
  readonly #options: UpstreamClientOptions;

  constructor(options: UpstreamClientOptions) {
    this.#options = options;
    this.#agent = new Agent({ connections: options.connections, connect: { timeout: 10_000 } });
  }

  /**
   * Reads a whole body into memory.
   *
   * @throws {HlsProxyError} `upstream_unreachable`, `upstream_status`, `too_large`; the signal's reason
   */
  async get(url: string, options: GetOptions): Promise<Got> {
    const { signal, timeoutMs } = options;
    signal.throwIfAborted();
    const abort = new AbortController();
    const forward = (): void => abort.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    const cancel = this.#options.clock.after(timeoutMs, () =>
      abort.abort(new HlsProxyError('upstream_unreachable', `${url} did not answer within ${timeoutMs} ms`)),
    );
    try {
      return await this.#follow(url, { ...options, signal: abort.signal });
    } catch (error) {
      if (abort.signal.aborted) throw abort.signal.reason;
      if (error instanceof HlsProxyError) throw error;
      const said = error instanceof Error ? error.message : String(error);
      throw new HlsProxyError('upstream_unreachable', `${url} is unreachable: ${said}`, { cause: error });
    } finally {
      cancel();
      signal.removeEventListener('abort', forward);
    }
  }

  async #follow(url: string, options: GetOptions): Promise<Got> {
    let target = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const answer = await this.#request(target, options);
      const { statusCode, headers, body } = answer;
      if (statusCode === 200 || statusCode === 206) return this.#read(target, answer, options);
      await body.dump();
      const { location } = headers;
      const isRedirect = statusCode >= 300 && statusCode < 400 && typeof location === 'string';
      if (!isRedirect) {
        const said = `${target} answered ${statusCode}`;
        throw new HlsProxyError('upstream_status', said, { upstreamStatus: statusCode });
      }
      target = new URL(location, target).href;
    }
    throw new HlsProxyError('upstream_status', `${url} redirects more than ${MAX_REDIRECTS} times`);
  }

  #request(url: string, { signal, span }: GetOptions): Promise<Dispatcher.ResponseData> {
    if (!/^https?:/.test(url)) throw new HlsProxyError('upstream_unreachable', `${url} is neither http nor https`);
    const headers: Record<string, string> = { 'accept-encoding': 'identity', ...this.#options.headers };
    if (span !== undefined) headers['range'] = `bytes=${span.offset}-${span.offset + span.length - 1}`;
    return request(url, { dispatcher: this.#agent, headers, signal, headersTimeout: 0, bodyTimeout: 0 });
  }

  async #read(url: string, answer: Dispatcher.ResponseData, { maxBytes, span }: GetOptions): Promise<Got> {
    const chunks: Uint8Array[] = [];
    let byteLength = 0;
    for await (const chunk of answer.body) {
      chunks.push(chunk as Uint8Array);
      byteLength += (chunk as Uint8Array).byteLength;
      // Leaving the loop ends the connection.
      if (byteLength > maxBytes) throw new HlsProxyError('too_large', `${url} has more than ${maxBytes} bytes`);
    }
    const coding = String(answer.headers['content-encoding'] ?? '');
    if (!PLAIN.test(coding)) {
      const content = await decodeBody(Buffer.concat(chunks), { url, coding, maxBytes });
      chunks.splice(0, chunks.length, content);
      byteLength = content.byteLength;
    }
    if (span !== undefined && answer.statusCode === 200) {
      // A server that does not know ranges sends everything.
      const whole = Buffer.concat(chunks).subarray(span.offset, span.offset + span.length);
      return { url, data: [whole], byteLength: whole.byteLength };
    }
    const isFine = chunks.length * MIN_PIECE_BYTES <= byteLength || chunks.length <= 1;
    return { url, data: isFine ? chunks : [Buffer.concat(chunks)], byteLength };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}
