import { AceError } from './ace-error.ts';

export interface EngineAddress {
  /** Host name or address; an IPv6 address without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** `http://host:port` of an engine. Throws a TypeError or RangeError for an address that cannot be one. */
export function engineOrigin({ host, port }: EngineAddress): string {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`The port of engine ${host} is ${port}, not an integer from 1 to 65535`);
  }
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  if (!URL.canParse(origin) || /[/?#@\s]/.test(host)) throw new TypeError(`"${host}" is not the host of an engine`);
  return origin;
}

/**
 * The same path and query on the address where we reach the engine. Engines put the host they were asked for, or
 * their own idea of it, into absolute URLs; behind Docker, NAT or a VPN that may lead nowhere, or elsewhere.
 *
 * Throws an AceError `bad_response` for anything that is not an http URL or a path.
 */
export function rebaseUrl(url: string, origin: string): string {
  const parsed = URL.parse(url, origin);
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new AceError('bad_response', `The engine at ${origin} gave "${url.slice(0, 200)}" where a URL belongs`);
  }
  return `${origin}${parsed.pathname}${parsed.search}`;
}
