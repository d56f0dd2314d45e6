import createClient, { type Middleware } from 'openapi-fetch';
import { ApiProblem, problemOf } from './api-problem.ts';
import { keyStore } from './key-store.ts';
import type { paths } from './schema.d.ts';
import { serverUrl } from './server-url.ts';

/** Puts the key into every request, and makes an {@link ApiProblem} of every answer other than 2xx. */
const contract: Middleware = {
  onRequest({ request }) {
    if (request.headers.has('authorization')) return;
    for (const [name, value] of Object.entries(keyStore.headers())) request.headers.set(name, value);
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error, request }) {
    if (request.signal.aborted || error instanceof ApiProblem) return;
    return new ApiProblem('The server cannot be reached.', {
      status: 0,
      code: 'unreachable',
      retryable: true,
      cause: error,
    });
  },
};

/**
 * The management API, typed by the server's own description of it. A call rejects with an {@link ApiProblem} unless the
 * answer is 2xx; {@link body} unwraps it.
 */
export const api: ReturnType<typeof createClient<paths>> = createClient<paths>({ baseUrl: serverUrl().href });
api.use(contract);

/** The body of an answer. */
export async function body<Data>(answer: Promise<{ readonly data?: Data }>): Promise<NonNullable<Data>> {
  const { data } = await answer;
  return data as NonNullable<Data>;
}
