/** The only path that has a slash at its end: the page's own links are relative to it. */
const page = /(?:^|\/)panel\/+$/;

/**
 * The target of a request as routes are written: without the origin that a client which takes this for a proxy puts
 * before it (RFC 9112 §3.2.2), with single slashes, and with none at the end.
 */
export function normalUrl(target: string): string {
  const url = /^https?:\/\//i.test(target) ? target.replace(/^[^:]*:\/\/[^/?#]*/, '') : target;
  const { path, query } = splitUrl(url);
  if (path.startsWith('/') && !path.includes('//') && (path === '/' || !path.endsWith('/'))) return url;
  const plain = `/${path.split('/').filter(Boolean).join('/')}`;
  return (page.test(path) ? `${plain}/` : plain) + query;
}

/** Whether relative URLs in an answer to `url`, as the client sent it, lead astray: routes are written without that slash. */
export function hasSlash(url: string): boolean {
  return splitUrl(url).path.endsWith('/');
}

/** A path, and the query with its question mark. */
export function splitUrl(url: string): { readonly path: string; readonly query: string } {
  const at = url.indexOf('?');
  return at === -1 ? { path: url, query: '' } : { path: url.slice(0, at), query: url.slice(at) };
}
