/**
 * The root of the server, with a trailing slash. The page lies in `<root>panel/`, whatever the base path and whichever
 * proxy stands in front, so the root is found from the page's own address.
 */
export function serverUrl(page: string = document.baseURI): URL {
  const { pathname, origin } = new URL(page);
  const folder = pathname.slice(0, pathname.lastIndexOf('/') + 1);
  return new URL(folder.endsWith('/panel/') ? folder.slice(0, -'panel/'.length) : folder, origin);
}
