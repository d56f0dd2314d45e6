import { ApiProblem, problemOf } from './api-problem.ts';
import { keyStore } from './key-store.ts';
import { apiUrl, type QueryValue } from './server-url.ts';

export interface RequestOptions {
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly body?: unknown;
  /** Sent as it is, instead of a `body`; its type goes into `headers`. */
  readonly file?: Blob;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/**
 * Asks the management API, with the key when there is one.
 *
 * @throws {ApiProblem} for every answer other than 2xx, and when the server is not reached
 */
export async function request<Answer = unknown>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  { query, body, file, headers, signal }: RequestOptions = {},
): Promise<Answer> {
  const response = await fetch(apiUrl(path, query), {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...keyStore.headers(),
      ...headers,
    },
    ...(file === undefined ? {} : { body: file }),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw new ApiProblem('The server cannot be reached.', { status: 0, code: 'unreachable', retryable: true, cause });
  });
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as Answer;
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  // The server validates its answers against the document that the types come from.
  return (isJson ? await response.json() : await response.text()) as Answer;
}
