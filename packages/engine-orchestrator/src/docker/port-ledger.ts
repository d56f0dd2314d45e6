/** Which ports are taken, by which container, and which ones others have. */
export interface PortRange {
  /** First and last port, both included. */
  readonly from: number;
  readonly to: number;
}

/** Ports that are taken for one container. They are free again after `release`, unless the container has them by then. */
export interface PortReservation {
  /**
   * Reserves the lowest port that is free and that `allows` lets pass, or the `only` one that will do; undefined when
   * there is none.
   */
  take(now: number, allows: (port: number) => boolean, only?: number): number | undefined;
  /** Gives one of them back. */
  drop(port: number): void;
  /** The container has them now: they are its own until it is released or missing in a listing. */
  bind(containerId: string): void;
  release(): void;
}

interface Owner {
  readonly ports: Set<number>;
  since: number;
}

/**
 * Allocation of ports. Everything here is synchronous, so that two requests can never get the same port. What listings
 * say replaces what was known, except for containers that are younger than the listing.
 */
export class PortLedger {
  readonly #range: PortRange;
  /** Ports by owner: a container id, or the token of a reservation that has none yet. */
  readonly #owners = new Map<string | symbol, Owner>();
  /** Ports of others, until the time given. */
  readonly #avoided = new Map<number, number>();
  /** Counts what happens, so that "before a listing began" is exact. */
  #turn = 0;

  constructor(range: PortRange) {
    if (!(isPort(range.from) && isPort(range.to) && range.from <= range.to)) {
      throw new RangeError(`The range of ports is ${range.from}-${range.to}, not two ports from 1 to 65535 in order`);
    }
    this.#range = range;
  }

  reserve(): PortReservation {
    const token = Symbol('reservation');
    const owner: Owner = { ports: new Set(), since: ++this.#turn };
    this.#owners.set(token, owner);
    return {
      take: (now, allows, only) => {
        const [from, to] = only === undefined ? [this.#range.from, this.#range.to] : [only, only];
        const port = this.#lowest(from, to, now, allows);
        if (port !== undefined) owner.ports.add(port);
        return port;
      },
      drop: (port) => void owner.ports.delete(port),
      bind: (containerId) => {
        if (!this.#owners.delete(token)) return;
        owner.since = ++this.#turn;
        this.#owners.set(containerId, owner);
      },
      release: () => void this.#owners.delete(token),
    };
  }

  /** Somebody else has `port`; it is not tried again before `until`. */
  avoid(port: number, until: number): void {
    this.#avoided.set(port, until);
  }

  releaseContainer(containerId: string): void {
    this.#owners.delete(containerId);
  }

  /** To be called before a listing is asked for; its result goes into {@link sync}. */
  beginListing(): number {
    return ++this.#turn;
  }

  /** Takes over the ports of every container that was listed, and frees those of containers that are gone. */
  sync(listingTurn: number, containers: ReadonlyMap<string, readonly number[]>): void {
    for (const [owner, { since }] of this.#owners) {
      if (typeof owner === 'string' && since < listingTurn && !containers.has(owner)) this.#owners.delete(owner);
    }
    for (const [id, ports] of containers) {
      if (!this.#owners.has(id)) this.#owners.set(id, { ports: new Set(ports), since: listingTurn });
    }
  }

  taken(): ReadonlySet<number> {
    return new Set([...this.#owners.values()].flatMap(({ ports }) => [...ports]));
  }

  #lowest(from: number, to: number, now: number, allows: (port: number) => boolean): number | undefined {
    const taken = this.taken();
    for (let port = from; port <= to; port++) {
      if (!taken.has(port) && (this.#avoided.get(port) ?? 0) <= now && allows(port)) return port;
    }
    return undefined;
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
