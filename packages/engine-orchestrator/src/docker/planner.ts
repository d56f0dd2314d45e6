import { configHash } from './config-hash.ts';
import { networkMode } from './container-body.ts';
import { type ContainerSpec, type ContainerSpecOf, checkSpec } from './container-spec.ts';
import type { DaemonInfoReader } from './daemon-info.ts';
import type { DockerClient } from './docker-client.ts';
import type { DockerSettings } from './docker-options.ts';
import type { NetworkFacts, SharedNetwork } from './network-facts.ts';
import { type Place, type PlacementWish, placeContainers, sharedContainerName } from './place-containers.ts';
import { NetworkFactsReader } from './read-network-facts.ts';

/** What a container would be made from and where it would be put, now. */
export interface CurrentPlan {
  readonly spec: ContainerSpec;
  readonly place: Place;
  readonly facts: NetworkFacts;
  readonly configHash: string;
  readonly rotateLogs: boolean;
  readonly sharesNetwork: boolean;
  readonly keepsImageNames: boolean;
}

/** The same for a listing, which must go on when nothing can be made. */
export interface ListingPlan {
  readonly facts: NetworkFacts;
  readonly configHash: string | undefined;
  readonly sharesNetwork: boolean;
  readonly keepsImageNames: boolean;
  /** Only this container. */
  readonly only?: string;
}

export interface PlannerOptions {
  readonly client: DockerClient;
  readonly info: DaemonInfoReader;
  readonly settings: DockerSettings;
}

/** Puts together what is configured and what is found on the daemon. */
export class Planner {
  readonly #info: DaemonInfoReader;
  readonly #wish: PlacementWish;
  readonly #onShared: (network: SharedNetwork) => void;
  readonly #facts: NetworkFactsReader;
  #spec: ContainerSpecOf;
  #sharedName: string | undefined;
  /** What was found last of the container that has this name. */
  #shared: SharedNetwork | undefined;

  constructor({ client, info, settings }: PlannerOptions) {
    this.#info = info;
    this.#onShared = settings.onSharedNetwork;
    this.#wish = { network: settings.network, bind: settings.bind };
    this.#facts = new NetworkFactsReader({
      client,
      wish: this.#wish,
      hidden: async (signal) => (await info.read(signal)).hidesContainers,
    });
    this.#sharedName = sharedContainerName(this.#wish);
    this.#spec = settings.spec;
    if (typeof this.#spec !== 'function') checkSpec(this.#spec);
  }

  /** The container whose network is shared, by name or id. */
  get sharedName(): string | undefined {
    return this.#sharedName;
  }

  /** What was found last of the container whose network is shared; undefined when none is, or it was not looked for yet. */
  get shared(): SharedNetwork | undefined {
    return this.#shared;
  }

  configure(spec: ContainerSpecOf): void {
    if (typeof spec !== 'function') checkSpec(spec);
    this.#spec = spec;
  }

  async spec(signal: AbortSignal): Promise<ContainerSpec> {
    if (typeof this.#spec !== 'function') return this.#spec;
    const spec = this.#spec(await this.#info.read(signal));
    checkSpec(spec);
    return spec;
  }

  async forCreating(signal: AbortSignal): Promise<CurrentPlan> {
    const facts = await this.#readFacts(signal, true);
    const place = placeContainers(this.#wish, facts);
    const spec = await this.spec(signal);
    const { logsToFiles: rotateLogs, keepsImageNames } = await this.#info.read(signal);
    const configHash = hashOf(spec, place);
    return { spec, place, facts, configHash, rotateLogs, sharesNetwork: this.#sharesNetwork, keepsImageNames };
  }

  async forListing(signal: AbortSignal): Promise<ListingPlan> {
    const facts = await this.#readFacts(signal, false);
    const spec = await this.spec(signal);
    const { keepsImageNames } = await this.#info.read(signal);
    const configHash = this.#hashIfPossible(spec, facts);
    return { facts, configHash, sharesNetwork: this.#sharesNetwork, keepsImageNames };
  }

  get #sharesNetwork(): boolean {
    return this.#sharedName !== undefined;
  }

  async #readFacts(signal: AbortSignal, again: boolean): Promise<NetworkFacts> {
    const facts = await this.#facts.read(signal, { again });
    this.#sharedName = sharedContainerName(this.#wish, facts);
    this.#see(facts);
    return facts;
  }

  #see({ shared }: NetworkFacts): void {
    if (this.#sharedName === undefined) return;
    const before = this.#shared;
    const { name = before?.container ?? this.#sharedName, health } = shared ?? {};
    if (before?.container === name && before.running === (shared !== undefined) && before.health === health) return;
    this.#shared = Object.freeze({ container: name, running: shared !== undefined, health });
    this.#onShared(this.#shared);
  }

  /** What would be made cannot be said while its network is away. */
  #hashIfPossible(spec: ContainerSpec, facts: NetworkFacts): string | undefined {
    try {
      return hashOf(spec, placeContainers(this.#wish, facts));
    } catch {
      return undefined;
    }
  }
}

/** By the name of a shared container: one that was made anew is no other setting. */
function hashOf(spec: ContainerSpec, { placement }: Place): string {
  const where = placement.kind === 'container' ? `container:${placement.name}` : networkMode(placement);
  return configHash(spec, `${where} ${placement.kind === 'network' ? (placement.publishAt ?? '') : ''}`);
}
