import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { createBrotliDecompress, createUnzip } from 'node:zlib';
import { ApiError } from '../api-error.ts';
import { type AddressGuard, AddressRefused } from './address-guard.ts';

const maxRedirects = 5;

export interface FetchListOptions {
  readonly guard: AddressGuard;
  /** Aborts the request and the body. */
  readonly signal: AbortSignal;
}

/**
 * The bytes of a playlist at `url`, decompressed. Every host on the way is judged by the guard. Rejects with an ApiError:
 * `bad_input`, `list_not_allowed`, `list_unavailable`; or with the signal's reason.
 */
export async function fetchList(url: string, options: FetchListOptions): Promise<Readable> {
  let next = parseListUrl(url);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await request(next, options);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 200 && statusCode < 300) return decompressed(response);
    response.destroy();
    if (statusCode < 300 || statusCode >= 400 || headers.location === undefined) {
      throw unavailable(`${next.host} answered ${statusCode}`);
    }
    next = parseListUrl(headers.location, next);
  }
  throw unavailable(`There were more than ${maxRedirects} redirects`);
}

/** Where a list is: an http or https URL, from `base` on when it redirects. Throws the errors of {@link fetchList}. */
export function parseListUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  if (base !== undefined) throw unavailable(`${base.host} redirects to something that is no http or https URL`);
  throw new ApiError(400, 'bad_input', 'm3u_url must be an http or https URL.');
}

async function request(url: URL, { guard, signal }: FetchListOptions): Promise<IncomingMessage> {
  try {
    guard.checkHost(url.hostname);
    return await new Promise((resolve, reject) => {
      const { get } = url.protocol === 'https:' ? https : http;
      const headers = { 'user-agent': 'acestream-orchestrator', accept: '*/*', 'accept-encoding': 'gzip, br' };
      // No agent: a connection that was checked for one request is not used for another.
      get(url, { agent: false, lookup: guard.lookup, signal, headers }, resolve).once('error', reject);
    });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AddressRefused) {
      throw new ApiError(422, 'list_not_allowed', `${error.message}; M3U_NETWORKS says which others are allowed.`, {
        cause: error,
      });
    }
    throw unavailable(`${url.host} cannot be reached`, error);
  }
}

function decompressed(response: IncomingMessage): Readable {
  const encoding = response.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return response;
  const decoder =
    encoding === 'br' ? createBrotliDecompress() : /^(x-)?gzip$|^deflate$/.test(encoding) ? createUnzip() : undefined;
  if (decoder === undefined) throw unavailable(`The list is compressed with ${encoding}`);
  response.once('error', (error) => decoder.destroy(error));
  decoder.once('close', () => response.destroy());
  return response.pipe(decoder);
}

function unavailable(message: string, cause?: unknown): ApiError {
  return new ApiError(502, 'list_unavailable', `The playlist cannot be had: ${message}.`, { cause, retryable: true });
}
