/**
 * Reads the address of an engine, `http://host[:port]` (port 80 when none is given).
 *
 * Throws a TypeError that says what is wrong, for anything else: another protocol, a path, a query, credentials.
 */
export function parseEngineUrl(text: string): { host: string; port: number } {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new TypeError(`"${text}" is not a URL; an engine is given as http://host:port`, { cause });
  }
  if (url.protocol !== 'http:') {
    throw new TypeError(`"${text}" must begin with http:// because engines speak plain HTTP`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(`The engine URL of host ${url.host} has a user name or password; engines know neither`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new TypeError(`"${text}" has more than a host and a port; an engine is given as http://host:port`);
  }
  const port = url.port === '' ? 80 : Number(url.port);
  if (port === 0) throw new TypeError(`"${text}" has port 0; an engine listens on a port from 1 to 65535`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}
