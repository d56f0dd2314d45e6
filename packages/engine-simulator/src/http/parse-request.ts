/** One request as the engine sees it. */
export interface EngineRequest {
  readonly method: string;
  /** The request target as it was sent, with its query. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case; of a repeated header the last one counts. */
  readonly headers: ReadonlyMap<string, string>;
  /** The client's address as the engine sees it. */
  readonly remoteAddress: string;
  /** `host:port` for the URLs in replies: the Host header, or else the address the client connected to. */
  readonly host: string;
}

const REQUEST_LINE = /^([A-Z]{1,20}) (\S+) HTTP\/1\.[01]$/;

/**
 * Parses a request head (request line and headers, without the blank line that ends it).
 * Returns `undefined` when the request line is not HTTP/1.x; broken header lines are skipped, as Python's server does.
 */
export function parseRequest(
  head: string,
  connection: { readonly remoteAddress: string; readonly localHost: string },
): EngineRequest | undefined {
  const [requestLine = '', ...headerLines] = head.split(/\r?\n/);
  const match = REQUEST_LINE.exec(requestLine);
  if (!match) return undefined;
  const [, method = '', target = ''] = match;

  const headers = new Map<string, string>();
  for (const line of headerLines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const originForm = target.replace(/^https?:\/\/[^/]*/i, '');
  const queryStart = originForm.indexOf('?');
  return {
    method,
    target,
    path: queryStart < 0 ? originForm : originForm.slice(0, queryStart),
    query: new URLSearchParams(queryStart < 0 ? '' : originForm.slice(queryStart + 1)),
    headers,
    remoteAddress: connection.remoteAddress,
    host: headers.get('host') || connection.localHost,
  };
}
