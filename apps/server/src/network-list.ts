import { BlockList, isIP } from 'node:net';

/** A set of addresses and networks, such as `10.0.0.0/8`. */
export class NetworkList {
  readonly #networks = new BlockList();

  /** @param entries addresses or networks in CIDR notation, known to be well written */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [written = '', prefix] = entry.split('/');
      const address = prefix === undefined ? plainAddress(written) : written;
      const isIPv6 = isIP(address) === 6;
      this.#networks.addSubnet(
        address,
        prefix === undefined ? (isIPv6 ? 128 : 32) : Number(prefix),
        isIPv6 ? 'ipv6' : 'ipv4',
      );
    }
  }

  /** Whether `address` is in one of them. What is no address is in none. */
  has(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#networks.check(address, family === 6 ? 'ipv6' : 'ipv4');
  }
}

/** `::ffff:10.0.0.1` and `::ffff:a00:1` are `10.0.0.1` (RFC 4291 §2.5.5.2); a zone (`fe80::1%eth0`) is dropped. */
export function plainAddress(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (isIP(plain) !== 6) return plain;
  // The URL parser writes every form of an address the same way: compressed, in hex.
  const canonical = URL.parse(`http://[${plain}]`)?.hostname.slice(1, -1) ?? plain;
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(canonical) ?? [];
  if (high === undefined || low === undefined) return canonical;
  return [high, low].flatMap((part) => [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 255]).join('.');
}
