import type Docker from 'dockerode';
import { listedNetwork, mainPort } from './container-labels.ts';
import { anyAddress, type ContainerNetwork, commonAddress, type NetworkFacts, publishedHost } from './network-facts.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Where a container answers from here, wherever it was put; undefined when that cannot be told now. */
export function containerAddress(info: Docker.ContainerInfo, prefix: string, facts: NetworkFacts): Address | undefined {
  const port = mainPort(prefix, info.Labels);
  if (port === undefined) return undefined;
  const mode = listedNetwork(info);
  if (mode === 'host') return { host: facts.daemonHost, port };
  return mode.startsWith('container:') ? insideAddress(port, facts) : networkAddress(info, port, facts);
}

function insideAddress(port: number, facts: NetworkFacts): Address | undefined {
  const { own, shared, local, routed } = facts;
  if (shared === undefined) return undefined;
  if (own?.id === shared.id) return { host: '127.0.0.1', port };
  if (own !== undefined) {
    const host = commonAddress(shared.networks, own);
    if (host !== undefined) return { host, port };
  }
  const direct = own === undefined && local && routed ? anyAddress(shared.networks) : undefined;
  if (direct !== undefined) return { host: direct, port };
  const published = shared.published.get(port);
  const host = published === undefined ? undefined : publishedHost(published.address, facts);
  return published === undefined || host === undefined ? undefined : { host, port: published.port };
}

function networkAddress(info: Docker.ContainerInfo, port: number, facts: NetworkFacts): Address | undefined {
  const { own, local, routed } = facts;
  const networks = networksOf(info.NetworkSettings?.Networks);
  // Past Docker's own proxy, which costs a copy of every byte and ends with the daemon, where there is a way past it.
  const host = own !== undefined ? commonAddress(networks, own) : local && routed ? anyAddress(networks) : undefined;
  if (host !== undefined) return { host, port };
  for (const { IP, PrivatePort, PublicPort, Type } of info.Ports ?? []) {
    if (PrivatePort !== port || PublicPort === undefined || Type !== 'tcp') continue;
    const published = publishedHost(IP ?? '', facts);
    if (published !== undefined) return { host: published, port: PublicPort };
  }
  return undefined;
}

/** A container's networks as the daemon describes them. */
export function networksOf(
  networks: Readonly<Record<string, Docker.NetworkInfo>> | undefined,
): ContainerNetwork['networks'] {
  return new Map(
    Object.entries(networks ?? {}).map(([name, { IPAddress, GlobalIPv6Address, Gateway, IPv6Gateway }]) => [
      name,
      { address: IPAddress || GlobalIPv6Address || '', gateway: Gateway || IPv6Gateway || '' },
    ]),
  );
}
