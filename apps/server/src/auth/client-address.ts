import { isIP } from 'node:net';
import { NetworkList, plainAddress } from '../network-list.ts';

/** Who is at the other end, as far as can be told. */
export interface ClientAddress {
  readonly address: string;
  /** Loopback, link-local or private, and nothing says that somebody else forwarded the request. */
  readonly local: boolean;
  /** Whether a trusted proxy forwarded the request, so that its other X-Forwarded headers are true. */
  readonly proxied: boolean;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Headers that only a proxy adds. */
const forwardedHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'x-forwarded-host', 'via'] as const;

/** Loopback, link-local (RFC 3927, RFC 4291) and private (RFC 1918, RFC 4193) networks. */
const localNetworks = new NetworkList([
  '127.0.0.0/8',
  '169.254.0.0/16',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
]);

/** Tells where requests come from. Only the proxies in `trusted` (addresses or CIDR networks) are believed; it is read at each request. */
export class ClientAddresses {
  readonly #read: () => readonly string[];
  #entries: readonly string[];
  #list: NetworkList;

  constructor(trusted: () => readonly string[]) {
    this.#read = trusted;
    this.#entries = trusted();
    this.#list = new NetworkList(this.#entries);
  }

  get #trusted(): NetworkList {
    const entries = this.#read();
    if (entries !== this.#entries) {
      this.#entries = entries;
      this.#list = new NetworkList(entries);
    }
    return this.#list;
  }

  /** The client of a request that `peer` (a socket's remote address) sent with `headers`. */
  of(peer: string | undefined, headers: Headers): ClientAddress {
    const address = plainAddress(peer ?? '');
    const forwarded = forwardedHeaders.some((name) => headers[name] !== undefined);
    if (!forwarded) return { address, local: localNetworks.has(address), proxied: false };
    if (!this.#trusted.has(address)) return { address, local: false, proxied: false };
    return this.#behindProxies(address, headers['x-forwarded-for']);
  }

  /** Walks X-Forwarded-For from the right: each entry was written by the hop after it, so the first untrusted one is the client. */
  #behindProxies(proxy: string, header: string | readonly string[] | undefined): ClientAddress {
    const hops = (typeof header === 'string' ? header : (header ?? []).join(',')).split(',').reverse();
    let client: string | undefined;
    for (const hop of hops) {
      client = plainAddress(withoutPort(hop.trim()));
      if (isIP(client) === 0) return { address: proxy, local: false, proxied: true };
      if (!this.#trusted.has(client)) break;
    }
    return client === undefined
      ? { address: proxy, local: false, proxied: true }
      : { address: client, local: localNetworks.has(client), proxied: true };
  }
}

/** `10.0.0.1:4711` and `[::1]:4711` without their port. */
function withoutPort(hop: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(hop);
  if (bracketed) return bracketed[1] ?? '';
  return /^[\d.]+:\d+$/.test(hop) ? hop.slice(0, hop.indexOf(':')) : hop;
}
