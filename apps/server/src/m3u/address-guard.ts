import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { NetworkList, plainAddress } from '../network-list.ts';

/** What is not a host on the internet (RFC 6890, RFC 4291, RFC 6052, RFC 3056). */
const notPublic = new NetworkList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '::1/128',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

/** Every address of a name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The name leads to addresses that must not be connected to. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Decides which addresses may be connected to: public ones, and those in `allowed`. */
export class AddressGuard {
  readonly #allowed: NetworkList;
  readonly #resolve: Resolve;

  constructor(allowed: readonly string[], resolve: Resolve = (hostname) => lookup(hostname, { all: true })) {
    this.#allowed = new NetworkList(allowed);
    this.#resolve = resolve;
  }

  /** Throws an {@link AddressRefused} for an address in a URL that must not be connected to; a name is judged by {@link lookup}. */
  checkHost(hostname: string): void {
    const address = hostname.replace(/^\[|\]$/g, '');
    if (isIP(address) !== 0 && !this.#permits(address)) throw new AddressRefused(`${address} is not a public address`);
  }

  /**
   * For `net.connect`: the addresses that are checked are those that are connected to, so a name that says something else
   * the next time gains nothing.
   */
  readonly lookup: LookupFunction = (hostname, { all }, callback) => {
    this.#resolve(hostname).then(
      (addresses) => {
        const permitted = addresses.filter(({ address }) => this.#permits(address));
        const [first] = permitted;
        if (first === undefined) callback(new AddressRefused(`${hostname} has no public address`), '');
        else if (all) callback(null, permitted);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, ''),
    );
  };

  #permits(address: string): boolean {
    const plain = plainAddress(address);
    return this.#allowed.has(plain) || (isIP(plain) !== 0 && !notPublic.has(plain));
  }
}
