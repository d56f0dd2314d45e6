import type Docker from 'dockerode';
import type { RuntimeEngine } from '../runtime/engine-runtime.ts';
import type { Outdated } from '../runtime/outdated.ts';
import { type Address, containerAddress } from './container-address.ts';
import { instanceLabel, listedNetwork, mainPort, networkSince, roleLabel } from './container-labels.ts';
import type { NetworkFacts } from './network-facts.ts';

export interface ListedContainer {
  readonly info: Docker.ContainerInfo;
  /** Unix milliseconds; undefined when it does not run. */
  readonly startedAt: number | undefined;
}

export interface ListingContext {
  readonly instance: string;
  /** Of labels. */
  readonly prefix: string;
  readonly facts: NetworkFacts;
  /** Of what would be made now; undefined when that is not known. */
  readonly configHash: string | undefined;
  /** Whether containers are wished to share the network of another one. */
  readonly sharesNetwork: boolean;
  /** Ids of the images that names belong to now, where the daemon's listings do not tell when that changes. */
  readonly imageIds?: ReadonlyMap<string, string> | undefined;
}

export function isOurs({ Labels }: Docker.ContainerInfo, instance: string): boolean {
  return Labels?.[instanceLabel] === instance;
}

/** Whether it belongs to the pool; other containers of the instance were made by hand. */
export function isEngine(info: Docker.ContainerInfo, instance: string): boolean {
  return isOurs(info, instance) && info.Labels[roleLabel] === 'engine';
}

/** A container of the pool as an engine; `address` is undefined when nobody can say where it answers now. */
export function listedEngine(
  { info, startedAt }: ListedContainer,
  context: ListingContext,
): RuntimeEngine & { readonly address: Address | undefined } {
  const address = containerAddress(info, context.prefix, context.facts);
  const outdated = whyOutdated({ info, startedAt }, context);
  const sharesNetworkOf = sharedNetwork(info, context.facts);
  return {
    id: info.Id,
    name: (info.Names[0] ?? info.Id).replace(/^\//, ''),
    address,
    host: context.facts.daemonHost,
    port: mainPort(context.prefix, info.Labels) ?? 0,
    labels: info.Labels,
    forwarded: false,
    running: startedAt !== undefined,
    ...(startedAt === undefined ? {} : { startedAt }),
    createdAt: info.Created * 1000,
    ...(sharesNetworkOf === undefined ? {} : { sharesNetworkOf }),
    ...(outdated === undefined ? {} : { outdated }),
  };
}

/** The container whose network it was made in; one that was made anew since then has only its id left. */
function sharedNetwork(info: Docker.ContainerInfo, { shared }: NetworkFacts): string | undefined {
  const id = /^container:(.+)$/.exec(listedNetwork(info))?.[1];
  return id !== undefined && id === shared?.id ? shared.name : id;
}

function whyOutdated(container: ListedContainer, context: ListingContext): Outdated | undefined {
  const { info } = container;
  const lost = lostNetwork(container, context);
  if (lost !== undefined) return { reason: 'network', message: lost };
  if (context.configHash !== undefined && info.Labels[`${context.prefix}.config_hash`] !== context.configHash) {
    return { reason: 'config', message: 'It was made with other settings than those of now' };
  }
  const name = info.Labels[`${context.prefix}.image`] ?? '';
  const now = context.imageIds?.get(name);
  // Docker names the image by its id once the name belongs to another one; Podman never does.
  const isNameless = /^(sha256:)?[0-9a-f]{12,64}$/.test(info.Image) && info.Image !== name;
  if (isNameless || (now !== undefined && now !== info.ImageID)) {
    return { reason: 'image', message: `There is a newer ${name || 'image'}` };
  }
  return undefined;
}

/**
 * A container that shares the network of another one loses it for good when that one ends, whether or not that is started
 * again or made anew: it goes on running, with no way in or out.
 */
function lostNetwork(
  { info, startedAt }: ListedContainer,
  { facts, prefix, sharesNetwork }: ListingContext,
): string | undefined {
  const mode = listedNetwork(info);
  const { shared } = facts;
  if (!mode.startsWith('container:') || !sharesNetwork) return undefined;
  if (shared === undefined) return 'The container whose network it has does not run any more';
  if (mode !== `container:${shared.id}`) return `${shared.name}, whose network it has, was made anew`;
  const since = networkSince(prefix, info.Labels);
  // Without a label, of an earlier release: times tell as much unless the clock was set back between them.
  const isOlder = startedAt !== undefined && startedAt < shared.startedAt;
  const wasRestarted = since === undefined ? isOlder : since !== shared.startedAt;
  return wasRestarted ? `${shared.name}, whose network it has, was restarted` : undefined;
}
