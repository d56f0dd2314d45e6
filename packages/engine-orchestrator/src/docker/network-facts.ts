/** What is known of the ways between this process and containers. */
export interface NetworkFacts {
  /** The container whose network this process has; undefined when it has the network of a machine. */
  readonly own: ContainerNetwork | undefined;
  /** Whether this process runs in a container of its own and only shares the network of `own`. */
  readonly ownIsShared: boolean;
  /** The container whose network engines share; undefined when they share none, or it does not run. */
  readonly shared: ContainerNetwork | undefined;
  /** Where the daemon's machine answers. */
  readonly daemonHost: string;
  /** Whether that is this machine. */
  readonly local: boolean;
  /** Whether this machine has routes to containers' addresses. */
  readonly routed: boolean;
}

/** What the health check of a container says. */
export type ContainerHealth = 'starting' | 'healthy' | 'unhealthy';

/** The container whose network engines share, as it was seen last. */
export interface SharedNetwork {
  /** Its name; the id where it was asked for by that and has not been seen. */
  readonly container: string;
  readonly running: boolean;
  /** What its own health check found; undefined when it has none, or does not run. */
  readonly health: ContainerHealth | undefined;
}

/** A container that runs, as others see it over networks. */
export interface ContainerNetwork {
  readonly id: string;
  readonly name: string;
  /** Unix milliseconds. */
  readonly startedAt: number;
  /** Its networks by name. */
  readonly networks: ReadonlyMap<string, { readonly address: string; readonly gateway: string }>;
  /** What its own health check found; undefined when it has none. */
  readonly health?: ContainerHealth | undefined;
  /** TCP ports it publishes, by their number inside. */
  readonly published: ReadonlyMap<number, { readonly address: string; readonly port: number }>;
}

export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127\./.test(address);
}

export function isWildcard(address: string): boolean {
  return address === '' || address === '0.0.0.0' || address === '::';
}

/** Where a port that the daemon's machine publishes at `address` answers from here; undefined when it does not. */
export function publishedHost(address: string, facts: NetworkFacts): string | undefined {
  if (facts.own !== undefined) {
    if (isLoopback(address)) return undefined;
    return isWildcard(address) ? firstOf(facts.own.networks)?.gateway || undefined : address;
  }
  if (isLoopback(address)) return facts.local ? facts.daemonHost : undefined;
  return isWildcard(address) ? facts.daemonHost : address;
}

/** The address of a container on a network that this process is on as well. */
export function commonAddress(networks: ContainerNetwork['networks'], own: ContainerNetwork): string | undefined {
  for (const name of own.networks.keys()) {
    const address = networks.get(name)?.address;
    if (address !== undefined && address !== '') return address;
  }
  return undefined;
}

/** Any address of a container, for a machine that has routes to all of them. */
export function anyAddress(networks: ContainerNetwork['networks']): string | undefined {
  return [...networks.values()].map(({ address }) => address).find((address) => address !== '');
}

function firstOf<T>(map: ReadonlyMap<string, T>): T | undefined {
  return map.values().next().value;
}
