import type Docker from 'dockerode';
import type { ContainerSpec, PortNumbers } from './container-spec.ts';

/** Where a container is put. */
export type Placement =
  /** Into a network of its own kind; ports are published at `publishAt`, or not at all. */
  | { readonly kind: 'network'; readonly network: string; readonly publishAt: string | undefined }
  /** Into the network namespace of another container, which has it since `startedAt`, unix milliseconds. */
  | { readonly kind: 'container'; readonly id: string; readonly name: string; readonly startedAt: number }
  /** Into the network namespace of the daemon's machine. */
  | { readonly kind: 'host' };

export interface ContainerBodyOptions {
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly ports: PortNumbers;
  /** Published ports on the daemon's machine, by name. */
  readonly hostPorts: PortNumbers;
  readonly placement: Placement;
  /** Those of the runtime, which win. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels of a cache volume, by which an orphan is known. */
  readonly volumeLabels: Readonly<Record<string, string>>;
  /** Whether the daemon writes logs to files that may be rotated. */
  readonly rotateLogs: boolean;
}

/** The body of Docker's "create a container". It is never restarted by Docker: whoever keeps the pool does that. */
export function containerBody(options: ContainerBodyOptions): Docker.ContainerCreateOptions {
  const { name, spec, ports, hostPorts, placement, labels } = options;
  const command = typeof spec.command === 'function' ? spec.command(ports) : spec.command;
  const env = typeof spec.env === 'function' ? spec.env(ports) : (spec.env ?? {});
  const published = publishedPorts(spec, ports, hostPorts);
  return {
    name,
    Image: spec.image,
    ...(spec.platform === undefined ? {} : { platform: spec.platform }),
    ...(command === undefined ? {} : { Cmd: [...command] }),
    ...(spec.entrypoint === undefined ? {} : { Entrypoint: [...spec.entrypoint] }),
    Env: Object.entries(env).map(([variable, value]) => `${variable}=${value}`),
    Labels: { ...spec.labels, ...labels },
    ...(placement.kind === 'network' ? { ExposedPorts: objectOf(published.map(({ key }) => [key, {}])) } : {}),
    HostConfig: {
      NetworkMode: networkMode(placement),
      RestartPolicy: { Name: 'no' },
      ...limits(spec),
      ...cacheMount(spec, options.volumeLabels),
      ...(options.rotateLogs ? { LogConfig: { Type: '', Config: { 'max-size': '10m', 'max-file': '2' } } } : {}),
      ...(placement.kind === 'network' && placement.publishAt !== undefined
        ? { PortBindings: bindings(published, placement.publishAt) }
        : {}),
    },
  };
}

/** As Docker writes it. */
export function networkMode(placement: Placement): string {
  switch (placement.kind) {
    case 'network':
      return placement.network;
    case 'container':
      return `container:${placement.id}`;
    case 'host':
      return 'host';
  }
}

interface PublishedPort {
  /** `8080/tcp` */
  readonly key: string;
  readonly hostPort: number;
}

function publishedPorts(spec: ContainerSpec, ports: PortNumbers, hostPorts: PortNumbers): PublishedPort[] {
  return Object.entries(hostPorts).flatMap(([name, hostPort]) => {
    const protocol = spec.ports[name]?.protocol ?? 'tcp';
    const protocols = protocol === 'both' ? ['tcp', 'udp'] : [protocol];
    return protocols.map((each) => ({ key: `${ports[name]}/${each}`, hostPort }));
  });
}

function bindings(published: readonly PublishedPort[], address: string): Record<string, unknown> {
  return objectOf(published.map(({ key, hostPort }) => [key, [{ HostIp: address, HostPort: String(hostPort) }]]));
}

function limits({ memoryBytes, cpus }: ContainerSpec): Docker.HostConfig {
  return {
    ...(memoryBytes === undefined ? {} : { Memory: Math.floor(memoryBytes) }),
    ...(cpus === undefined ? {} : { NanoCpus: Math.round(cpus * 1e9) }),
  };
}

/** A volume without a name is made with the container and removed with it. */
function cacheMount({ cache }: ContainerSpec, volumeLabels: Readonly<Record<string, string>>): Docker.HostConfig {
  if (cache === undefined) return {};
  if (cache.kind === 'tmpfs') {
    // Anybody may write there, since images run their engine as various users.
    const size = cache.sizeBytes === undefined ? '' : `,size=${Math.floor(cache.sizeBytes)}`;
    return { Tmpfs: { [cache.path]: `rw,nosuid,nodev,mode=1777${size}` } };
  }
  const volume = { Type: 'volume', Source: '', Target: cache.path, VolumeOptions: { Labels: { ...volumeLabels } } };
  return { Mounts: [volume] as unknown as Docker.MountConfig };
}

function objectOf<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  return Object.fromEntries(entries);
}
