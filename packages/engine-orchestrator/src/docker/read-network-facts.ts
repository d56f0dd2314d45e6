import type Docker from 'dockerode';
import { networksOf } from './container-address.ts';
import { isLocal } from './daemon-address.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import type { ContainerHealth, ContainerNetwork, NetworkFacts } from './network-facts.ts';
import { isAnotherContainer, type OwnContainer, ownContainer } from './own-container.ts';
import { type PlacementWish, sharedContainerName } from './place-containers.ts';

export interface NetworkFactsOptions {
  readonly client: DockerClient;
  readonly wish: PlacementWish;
  /** From `docker info`: whether containers' addresses are behind a virtual machine or a user namespace. */
  readonly hidden: (signal: AbortSignal) => Promise<boolean>;
}

/** Finds out how this process and containers reach each other. */
export class NetworkFactsReader {
  readonly #options: NetworkFactsOptions;
  readonly #ownContainer: Promise<OwnContainer | undefined> = ownContainer();
  #own: { readonly network: ContainerNetwork; readonly shared: boolean } | 'none' | undefined;

  constructor(options: NetworkFactsOptions) {
    this.#options = options;
  }

  /** @param again Whether to look at this process's own networks again, which somebody may have changed. */
  async read(signal: AbortSignal, { again }: { readonly again: boolean }): Promise<NetworkFacts> {
    const { client, wish, hidden } = this.#options;
    const { address } = client;
    if (again || this.#own === undefined) this.#own = await this.#readOwn(signal);
    const own = this.#own === 'none' ? undefined : this.#own;
    const base: NetworkFacts = {
      own: own?.network,
      ownIsShared: own?.shared ?? false,
      shared: undefined,
      daemonHost: address.kind === 'tcp' ? address.host : '127.0.0.1',
      local: isLocal(address),
      routed: process.platform === 'linux' && address.kind === 'unix' && !(await hidden(signal)),
    };
    const name = sharedContainerName(wish, base);
    return name === undefined ? base : { ...base, shared: await this.#inspect(name, signal).then(runningNetwork) };
  }

  async #readOwn(signal: AbortSignal): Promise<{ network: ContainerNetwork; shared: boolean } | 'none'> {
    const self = await this.#ownContainer;
    if (self === undefined) return 'none';
    const info = await this.#inspect(self.networkOwnerId, signal);
    const network = runningNetwork(info);
    // A container of another daemon, or one with the network of the machine: like a process there.
    if (info === undefined || network === undefined || info.HostConfig.NetworkMode === 'host') return 'none';
    return { network, shared: isAnotherContainer(self.mounts, info.GraphDriver?.Data?.UpperDir) };
  }

  async #inspect(name: string, signal: AbortSignal): Promise<Inspected | undefined> {
    try {
      return await this.#options.client.call(
        `inspect the container ${name}`,
        async (docker, abortSignal) => (await docker.getContainer(name).inspect({ abortSignal })) as Inspected,
        { signal },
      );
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return undefined;
      throw error;
    }
  }
}

/** The type declarations know one storage driver only. */
type Inspected = Omit<Docker.ContainerInspectInfo, 'GraphDriver'> & {
  readonly GraphDriver?: { readonly Data?: { readonly UpperDir?: string } | null };
};

function runningNetwork(info: Inspected | undefined): ContainerNetwork | undefined {
  if (info === undefined || !info.State.Running) return undefined;
  const ports = Object.entries(info.NetworkSettings.Ports ?? {}).flatMap(([key, bindings]) => {
    const [port, protocol] = key.split('/');
    const binding = bindings?.[0];
    if (protocol !== 'tcp' || binding === undefined) return [];
    return [[Number(port), { address: binding.HostIp, port: Number(binding.HostPort) }] as const];
  });
  return {
    id: info.Id,
    name: info.Name.replace(/^\//, ''),
    startedAt: Date.parse(info.State.StartedAt),
    health: readHealth(info.State.Health?.Status),
    networks: networksOf(info.NetworkSettings.Networks),
    published: new Map(ports),
  };
}

function readHealth(status: string | undefined): ContainerHealth | undefined {
  return status === 'starting' || status === 'healthy' || status === 'unhealthy' ? status : undefined;
}
