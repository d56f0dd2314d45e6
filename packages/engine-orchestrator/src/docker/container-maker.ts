import type Docker from 'dockerode';
import { containerBody, networkMode, type Placement } from './container-body.ts';
import { type ContainerRole, identityLabels, instanceLabel, labelledPorts, listedNetwork } from './container-labels.ts';
import type { ContainerSpec, PortNumbers } from './container-spec.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import type { ImageStore } from './image-store.ts';
import type { NameLedger } from './name-ledger.ts';
import { isLoopback } from './network-facts.ts';
import type { OwnedContainers } from './owned-containers.ts';
import type { Place } from './place-containers.ts';
import type { PortAllocator, PortWish } from './port-allocator.ts';
import type { PullProgress } from './pull-progress.ts';
import { startError } from './start-error.ts';

export interface ContainerMakerOptions {
  readonly client: DockerClient;
  readonly containers: OwnedContainers;
  readonly images: ImageStore;
  readonly ports: PortAllocator;
  readonly names: NameLedger;
  readonly instance: string;
  /** Of labels. */
  readonly prefix: string;
}

export interface MakeOptions {
  readonly spec: ContainerSpec;
  readonly place: Place;
  readonly configHash: string;
  readonly role: ContainerRole;
  readonly rotateLogs: boolean;
  /** Its first port must be this one. */
  readonly port?: number | undefined;
  readonly signal: AbortSignal;
  /** Told of a pull while it waits for one. */
  readonly onPull?: ((progress: PullProgress) => void) | undefined;
}

export interface MadeContainer {
  readonly id: string;
  readonly name: string;
  readonly ports: PortNumbers;
  readonly hostPorts: PortNumbers;
}

/** Names and ports that somebody else took meanwhile are replaced so many times. */
const maxTries = 20;
const createTimeoutMs = 60_000;

/** Makes containers and starts them. Whatever fails, nothing is left: no container, no volume, no name, no port. */
export class ContainerMaker {
  readonly #options: ContainerMakerOptions;

  constructor(options: ContainerMakerOptions) {
    this.#options = options;
  }

  async make(options: MakeOptions): Promise<MadeContainer> {
    const { images } = this.#options;
    const { spec, signal, onPull } = options;
    await images.ensure(spec.image, spec.platform, signal, onPull);
    let lastError: unknown;
    let pulled = false;
    for (let attempt = 0; attempt < maxTries; attempt++) {
      signal.throwIfAborted();
      try {
        return await this.#tryOnce(options);
      } catch (error) {
        lastError = error;
        const code = error instanceof DockerError ? error.code : undefined;
        if (code === 'image_missing' && !pulled) {
          // Removed in this moment, or there for another platform only.
          pulled = true;
          await images.pull(spec.image, spec.platform, signal, onPull);
        } else if (code !== 'name_taken' && code !== 'port_taken') throw error;
      }
    }
    throw lastError;
  }

  async #tryOnce({ spec, place, configHash, role, rotateLogs, port, signal }: MakeOptions): Promise<MadeContainer> {
    const { names, ports: allocator, instance, prefix } = this.#options;
    const { placement } = place;
    const others = await this.#allContainers(signal);
    const name = names.take(new Set(others.flatMap(({ Names }) => Names.map((each) => each.replace(/^\//, '')))));
    try {
      const published = publishedPorts(spec, placement);
      const allocated = await allocator.allocate(
        portWishes({ spec, published, place, others, port, probeAt: this.#probeAt(place) }),
      );
      try {
        const ports = mapPorts(spec, (portName, { container }) => container ?? allocated.numbers[portName]);
        const hostPorts = mapPorts(spec, (portName) =>
          published.has(portName) ? allocated.numbers[portName] : undefined,
        );
        const { variant, image } = spec;
        const network = networkMode(placement);
        const networkSince = placement.kind === 'container' ? placement.startedAt : undefined;
        const identity = { instance, role, ports, hostPorts, variant, configHash, networkSince, image, network };
        const body = containerBody({
          name,
          spec,
          ports,
          hostPorts,
          placement,
          labels: identityLabels(prefix, identity),
          volumeLabels: { [instanceLabel]: instance },
          rotateLogs,
        });
        const id = await this.#createAndStart(name, image, body, signal);
        allocated.bind(id);
        return { id, name, ports, hostPorts };
      } catch (error) {
        if (error instanceof DockerError && error.code === 'port_taken') this.#avoidTaken(error, allocated.numbers);
        allocated.release();
        throw error;
      }
    } finally {
      names.release(name);
    }
  }

  async #createAndStart(
    name: string,
    image: string,
    body: Docker.ContainerCreateOptions,
    signal: AbortSignal,
  ): Promise<string> {
    const { client, containers } = this.#options;
    let id: string | undefined;
    try {
      // Not given up halfway: a container that is being made would be left.
      const made = await client.call(`make the container ${name}`, (docker) => docker.createContainer(body), {
        timeoutMs: createTimeoutMs,
      });
      id = made.id;
      containers.note(id);
      try {
        signal.throwIfAborted();
        await client.call(`start the container ${name}`, (docker) => docker.getContainer(made.id).start(), {
          timeoutMs: createTimeoutMs,
        });
        signal.throwIfAborted();
        return id;
      } catch (error) {
        await containers.remove(id, AbortSignal.timeout(createTimeoutMs)).catch(() => {});
        throw error;
      }
    } catch (error) {
      if (error instanceof DockerError && error.code === 'daemon_timeout') await this.#removeNamed(name);
      throw startError(error, { name, image, id });
    }
  }

  /** The port that Docker names, or every one of them when it names none. */
  #avoidTaken(error: DockerError, numbers: PortNumbers): void {
    const ports = Object.values(numbers);
    const named = ports.filter((port) => new RegExp(`\\b${port}\\b`).test(error.message));
    for (const port of named.length > 0 ? named : ports) this.#options.ports.avoid(port);
  }

  /** Where a port can be tried before Docker takes it: only when both happen in one network namespace. */
  #probeAt({ placement, sameNamespace }: Place): string | undefined {
    if (!sameNamespace) return undefined;
    return placement.kind === 'network' ? placement.publishAt : '0.0.0.0';
  }

  /** A daemon that was too slow to say so may have made it after all. */
  async #removeNamed(name: string): Promise<void> {
    await this.#options.containers.remove(name, AbortSignal.timeout(5_000)).catch(() => {});
  }

  /** Of everybody: their names and ports are not free. */
  async #allContainers(signal: AbortSignal): Promise<readonly Docker.ContainerInfo[]> {
    return this.#options.client.call(
      'list the containers',
      (docker, abortSignal) => docker.listContainers({ all: true, abortSignal }),
      { signal },
    );
  }
}

/** Ports that are published on the daemon's machine. */
function publishedPorts(spec: ContainerSpec, placement: Placement): ReadonlySet<string> {
  if (placement.kind !== 'network' || placement.publishAt === undefined) return new Set();
  const beyond = !isLoopback(placement.publishAt);
  return new Set(
    Object.entries(spec.ports)
      .filter(([, { for: reader = 'server' }]) => reader === 'server' || (reader === 'outside' && beyond))
      .map(([name]) => name),
  );
}

interface PortWishesOptions {
  readonly spec: ContainerSpec;
  readonly published: ReadonlySet<string>;
  readonly place: Place;
  readonly others: readonly Docker.ContainerInfo[];
  readonly port: number | undefined;
  readonly probeAt: string | undefined;
}

/** For each port that needs a number of ours: those that the spec leaves open, and those that are published. */
function portWishes({ spec, published, place, others, port: wanted, probeAt }: PortWishesOptions): PortWish[] {
  const { placement, reachablePorts } = place;
  const occupied = portsOfOthers(others, placement);
  const [main] = Object.keys(spec.ports);
  return Object.entries(spec.ports)
    .filter(([name, { container }]) => container === undefined || published.has(name))
    .map(([name]) => ({
      name,
      // What is not published is bound in a namespace of the container's own.
      probeAt: placement.kind !== 'network' || published.has(name) ? probeAt : undefined,
      only: name === main ? wanted : undefined,
      allows: (port) => !occupied.has(port) && (name !== main || (reachablePorts?.has(port) ?? true)),
    }));
}

function mapPorts(
  { ports }: ContainerSpec,
  number: (name: string, port: ContainerSpec['ports'][string]) => number | undefined,
): PortNumbers {
  return Object.fromEntries(
    Object.entries(ports).flatMap(([name, port]) => {
      const value = number(name, port);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Ports of containers that share the network namespace of `placement`, and ports that anybody publishes. */
function portsOfOthers(others: readonly Docker.ContainerInfo[], placement: Placement): ReadonlySet<number> {
  if (placement.kind === 'container') {
    const sharing = others.filter((info) => listedNetwork(info) === `container:${placement.id}`);
    return new Set(sharing.flatMap(({ Labels }) => labelledPorts(Labels ?? {})));
  }
  return new Set(others.flatMap(({ Ports }) => (Ports ?? []).flatMap(({ PublicPort }) => PublicPort ?? [])));
}
