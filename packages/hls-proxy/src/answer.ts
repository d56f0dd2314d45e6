import { HlsProxyError } from './errors.ts';
import type { Session } from './session.ts';
import type { Viewer } from './viewers.ts';

export type Headers = Readonly<Record<string, string>>;

/** What is answered to a request, whatever carries it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Views of shared memory: not to be written to. Empty for HEAD and answers without a body. */
  readonly body: readonly Uint8Array[];
  readonly byteLength: number;
  /** Who it goes to, and what is to be told when it has gone. */
  readonly session?: Session | undefined;
  readonly viewer?: Viewer | undefined;
}

const NO_BODY: readonly Uint8Array[] = [];

export const CORS: Headers = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Content-Length, Content-Range, ETag, Retry-After',
};

export const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';

/** An answer without a body. */
export function bare(status: number, headers: Headers): Answer {
  return { status, headers: { ...CORS, ...headers }, body: NO_BODY, byteLength: 0 };
}

export function preflight(): Answer {
  return bare(204, {
    'access-control-allow-methods': 'GET, HEAD, OPTIONS',
    'access-control-allow-headers': '*',
    'access-control-max-age': '86400',
  });
}

/** An error as an answer. What is no {@link HlsProxyError} is a fault of ours, or the opener's. */
export function refusal(error: unknown): Answer {
  const known = error instanceof HlsProxyError ? error : undefined;
  const text = Buffer.from(`${error instanceof Error ? error.message : String(error)}\n`);
  const headers: Record<string, string> = {
    ...{ ...CORS, 'content-type': 'text/plain; charset=utf-8', 'content-length': `${text.byteLength}` },
    'cache-control': 'no-store',
  };
  if (known?.retryAfterSeconds !== undefined) headers['retry-after'] = `${known.retryAfterSeconds}`;
  if (known?.code === 'bad_method') headers['allow'] = 'GET, HEAD, OPTIONS';
  return { status: known?.status ?? 500, headers, body: [text], byteLength: text.byteLength };
}
