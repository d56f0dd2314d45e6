import type { PortNumbers } from './container-spec.ts';

/** The label by which an installation knows its containers. */
export const instanceLabel = 'ondemand.app';
/** What a container is for: only those that say `engine` are in the pool. */
export const roleLabel = 'ondemand.role';

/** The network that a container was put into, as Docker writes it; Podman's listings do not say. */
const networkLabel = 'ondemand.network';

export type ContainerRole = 'engine' | 'other';

/** What a container was made as, written into its labels so that it is known after a restart of this process. */
export interface ContainerIdentity {
  readonly instance: string;
  readonly role: ContainerRole;
  /** Inside the container; the first one is where it answers. */
  readonly ports: PortNumbers;
  /** On the daemon's machine, of those that are published. */
  readonly hostPorts: PortNumbers;
  readonly variant?: string | undefined;
  readonly configHash: string;
  /** When the container whose network it shares was started; unix milliseconds. */
  readonly networkSince?: number | undefined;
  /** As the spec named it. */
  readonly image: string;
  /** As Docker writes it. */
  readonly network: string;
}

/** `<prefix>.http_port`, `host.http_port`, `<prefix>.engine_variant`, `<prefix>.config_hash` … */
export function identityLabels(prefix: string, identity: ContainerIdentity): Record<string, string> {
  const { instance, role, ports, hostPorts, variant, configHash, networkSince, image, network } = identity;
  return {
    [instanceLabel]: instance,
    [roleLabel]: role,
    [networkLabel]: network,
    ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [`${prefix}.${name}_port`, String(port)])),
    ...Object.fromEntries(Object.entries(hostPorts).map(([name, port]) => [`host.${name}_port`, String(port)])),
    ...(variant === undefined ? {} : { [`${prefix}.engine_variant`]: variant }),
    [`${prefix}.port`]: String(Object.values(ports)[0]),
    [`${prefix}.config_hash`]: configHash,
    ...(networkSince === undefined ? {} : { [`${prefix}.network_since`]: String(networkSince) }),
    [`${prefix}.image`]: image,
  };
}

/** When the container whose network it shares had been started when it was made; undefined where that is not known. */
export function networkSince(prefix: string, labels: Labels): number | undefined {
  const since = labels[`${prefix}.network_since`];
  return since === undefined ? undefined : Number(since);
}

type Labels = Readonly<Record<string, string>>;

/** The network of a listed container, as Docker writes it; empty where neither the listing nor a label says. */
export function listedNetwork({
  HostConfig: host,
  Labels: labels,
}: {
  readonly HostConfig?: { readonly NetworkMode?: string } | undefined;
  readonly Labels?: Labels | undefined;
}): string {
  return host?.NetworkMode ?? labels?.[networkLabel] ?? '';
}

/** Every port number that a container's labels name, inside and outside. */
export function labelledPorts(labels: Labels): readonly number[] {
  const ports = Object.entries(labels).filter(([name]) => /^[^.]+\.[a-z0-9_]+_port$/.test(name));
  return [...new Set(ports.map(([, port]) => Number(port)).filter(isPort))];
}

/** The port inside the container that it answers at. */
export function mainPort(prefix: string, labels: Labels): number | undefined {
  const port = Number(labels[`${prefix}.port`]);
  return isPort(port) ? port : undefined;
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535;
}
