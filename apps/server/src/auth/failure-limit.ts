import { isIP } from 'node:net';

/** The window in which failures are counted. */
const windowMs = 60_000;
/** Addresses that are remembered at most; those that failed longest ago go first. */
const maxAddresses = 10_000;

interface Failures {
  readonly sinceMs: number;
  count: number;
}

export interface FailureLimitOptions {
  /** Wrong keys per address and minute; 0 for any number. Read whenever it is needed. */
  readonly max: () => number;
  /** Monotonic milliseconds. Default `performance.now`. */
  readonly nowMs?: () => number;
}

/** Keeps an address from trying keys until one fits. The addresses of an IPv6 /64 belong to one client and count together. */
export class FailureLimit {
  readonly #failures = new Map<string, Failures>();
  readonly #max: () => number;
  readonly #nowMs: () => number;

  constructor({ max, nowMs = () => performance.now() }: FailureLimitOptions) {
    this.#max = max;
    this.#nowMs = nowMs;
  }

  /** Seconds until `address` may show a key again; 0 when it may now. */
  blockedSeconds(address: string): number {
    const failures = this.#failures.get(clientOf(address));
    const max = this.#max();
    if (max === 0 || failures === undefined || failures.count < max) return 0;
    return Math.max(0, Math.ceil((failures.sinceMs + windowMs - this.#nowMs()) / 1_000));
  }

  /** `address` showed a wrong key. */
  failed(address: string): void {
    if (this.#max() === 0) return;
    const client = clientOf(address);
    const nowMs = this.#nowMs();
    const known = this.#failures.get(client);
    const failures = known !== undefined && nowMs - known.sinceMs < windowMs ? known : { sinceMs: nowMs, count: 0 };
    failures.count += 1;
    this.#failures.delete(client);
    this.#failures.set(client, failures);
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > maxAddresses && !oldest.done) this.#failures.delete(oldest.value);
  }
}

/** An IPv4 address, or the first 64 bits of an IPv6 one. */
function clientOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [left = '', right] = address.split('::');
  const groups = left === '' ? [] : left.split(':');
  if (right === undefined) return groups.slice(0, 4).join(':');
  const after = right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - groups.length - after.length) }, () => '0');
  return [...groups, ...zeros, ...after].slice(0, 4).join(':');
}
