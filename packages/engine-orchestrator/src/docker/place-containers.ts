import type { Placement } from './container-body.ts';
import { DockerError } from './docker-error.ts';
import {
  anyAddress,
  type ContainerNetwork,
  commonAddress,
  isLoopback,
  type NetworkFacts,
  publishedHost,
} from './network-facts.ts';

export interface PlacementWish {
  /** `bridge`, `host`, the name of a network, or `container:<name or id>`. Default: the network of this process, else `bridge`. */
  readonly network: string | undefined;
  /** Address of the daemon's machine that ports are published at, when they are. */
  readonly bind: string;
}

export interface Place {
  readonly placement: Placement;
  /** The only ports at which containers can be reached there; undefined when any will do. */
  readonly reachablePorts: ReadonlySet<number> | undefined;
  /** Whether ports there are bound in the network namespace of this process, which can then look whether they are free. */
  readonly sameNamespace: boolean;
}

/** The name of the container whose network is to be shared, if that is the wish. */
export function sharedContainerName({ network }: PlacementWish, facts?: NetworkFacts): string | undefined {
  if (network?.startsWith('container:')) return network.slice('container:'.length);
  return network === undefined && facts?.ownIsShared ? facts.own?.id : undefined;
}

/**
 * Decides where new containers go. Throws a {@link DockerError} when they cannot go where they are wished, or could not
 * be reached there: they are never put elsewhere.
 */
export function placeContainers(wish: PlacementWish, facts: NetworkFacts): Place {
  const sharedName = sharedContainerName(wish, facts);
  if (sharedName !== undefined) return placeInside(sharedName, facts);
  const network = wish.network ?? facts.own?.networks.keys().next().value ?? 'bridge';
  const placement = network === 'host' ? placeOnHost(wish.bind, facts) : placeOnNetwork(network, wish.bind, facts);
  return { placement, reachablePorts: undefined, sameNamespace: facts.own === undefined && facts.local };
}

function placeInside(name: string, facts: NetworkFacts): Place {
  const { shared } = facts;
  if (shared === undefined) {
    throw new DockerError(
      'network_container_down',
      `Containers go into the network of the container ${name}, which does not run: start it, or change the network`,
      { option: 'network' },
    );
  }
  const placement: Placement = {
    kind: 'container',
    id: shared.id,
    name: shared.name,
    startedAt: shared.startedAt,
  };
  const sameNamespace = facts.own?.id === shared.id;
  if (isInsideReach(shared, facts)) return { placement, reachablePorts: undefined, sameNamespace };
  const ports = [...shared.published].filter(([, { address }]) => publishedHost(address, facts) !== undefined);
  if (ports.length > 0) return { placement, reachablePorts: new Set(ports.map(([port]) => port)), sameNamespace };
  const advice =
    facts.own === undefined
      ? `publish the range of ports in the settings of ${shared.name}`
      : `connect ${shared.name} and ${facts.own.name} to one network`;
  throw new DockerError(
    'engine_unreachable',
    `Containers in the network of ${shared.name} would not be reachable from here: ${advice}`,
    { option: 'network' },
  );
}

/** Whether every port inside the shared network can be reached. */
function isInsideReach(shared: ContainerNetwork, { own, local, routed }: NetworkFacts): boolean {
  if (own !== undefined) return own.id === shared.id || commonAddress(shared.networks, own) !== undefined;
  return local && routed && anyAddress(shared.networks) !== undefined;
}

function placeOnHost(bind: string, facts: NetworkFacts): Placement {
  if (isLoopback(bind)) {
    throw new DockerError(
      'engine_unreachable',
      'On the network "host" the ports of an engine are open at every address of the machine, which bind does not allow: set bind to 0.0.0.0, or take another network',
      { option: 'bind' },
    );
  }
  if (publishedHost(bind, facts) !== undefined) return { kind: 'host' };
  throw new DockerError('engine_unreachable', 'The network "host" cannot be reached from here', { option: 'network' });
}

function placeOnNetwork(network: string, bind: string, facts: NetworkFacts): Placement {
  const { own } = facts;
  if (own?.networks.has(network)) return { kind: 'network', network, publishAt: undefined };
  if (publishedHost(bind, facts) !== undefined) return { kind: 'network', network, publishAt: bind };
  const message =
    own === undefined
      ? `Docker runs on ${facts.daemonHost}, and ports at ${bind} there are not reachable from here: set bind to an address of that machine`
      : `Containers on the network ${network} would not be reachable from ${own.name}, the container this runs in: set network to one that it is on (${[...own.networks.keys()].join(', ')})`;
  throw new DockerError('engine_unreachable', message, { option: own === undefined ? 'bind' : 'network' });
}
