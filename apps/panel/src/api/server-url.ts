/**
 * The root of the server, with a trailing slash. The page lies in `<root>panel/`, whatever the base path and whichever
 * proxy stands in front, so the root is found from the page's own address.
 */
export function serverUrl(page: string = document.baseURI): URL {
  const { pathname, origin } = new URL(page);
  const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
  return new URL(folder.endsWith('/panel/') ? folder.slice(0, -'panel/'.length) : folder, origin);
}

/** A management path, such as `streams`, as a URL of this server. */
export function apiUrl(path: string, query: Readonly<Record<string, QueryValue>> = {}): URL {
  const url = new URL(`api/v1/${path.replace(/^\//, '')}`, serverUrl());
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
  }
  return url;
}

export type QueryValue = string | number | boolean | undefined;
