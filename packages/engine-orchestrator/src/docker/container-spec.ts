import { checkImageName } from './image-name.ts';

/** The numbers of a container's ports by name, as its process must listen on them. */
export type PortNumbers = Readonly<Record<string, number>>;

export interface ContainerPort {
  /** The number that its process listens on. Default: the number that was allocated, the same inside and outside. */
  readonly container?: number;
  /** Default `tcp`. */
  readonly protocol?: 'tcp' | 'udp' | 'both';
  /**
   * Who needs it. `server`: this process reaches it, so it is published when there is no other way (default).
   * `outside`: peers on the internet; published only when `bind` is no loopback address. `inside`: nobody.
   */
  readonly for?: 'server' | 'outside' | 'inside';
}

export interface ContainerCache {
  /** `tmpfs` is memory, `volume` the daemon's disk. Either goes with the container. */
  readonly kind: 'tmpfs' | 'volume';
  /** Where it is inside the container. */
  readonly path: string;
  /** Bound of a tmpfs. Default: what the daemon gives, half of the memory. */
  readonly sizeBytes?: number;
}

/** What a container of the pool is made from. */
export interface ContainerSpec {
  /** Name of the image, with a tag or digest; without one `latest`. */
  readonly image: string;
  /** `linux/amd64`, …; default the daemon's own. */
  readonly platform?: string;
  /** For people, and a label. */
  readonly variant?: string;
  /** Its ports by name; the first one is where the engine answers. At least one. */
  readonly ports: Readonly<Record<string, ContainerPort>>;
  /** Replaces the image's command. */
  readonly command?: readonly string[] | ((ports: PortNumbers) => readonly string[]);
  /** Replaces the image's entry point. */
  readonly entrypoint?: readonly string[];
  readonly env?: Readonly<Record<string, string>> | ((ports: PortNumbers) => Readonly<Record<string, string>>);
  /** Further labels; those of the runtime win. They do not make a container outdated when they change. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Hard limit of its memory. Default none. */
  readonly memoryBytes?: number;
  /** Processors it may use, in cores. Default all. */
  readonly cpus?: number;
  readonly cache?: ContainerCache;
}

/** The spec itself, or how it follows from the daemon that it is for. */
export type ContainerSpecOf = ContainerSpec | ((daemon: DaemonFacts) => ContainerSpec);

/** What is known of a daemon. */
export interface DaemonFacts {
  /** As Docker names it in images: `amd64`, `arm64`, `arm`, … */
  readonly architecture: string;
  readonly version: string;
  readonly name: string;
}

/** Throws a TypeError or RangeError for a spec that can never work. */
export function checkSpec(spec: ContainerSpec): void {
  checkImageName(spec.image);
  const ports = Object.entries(spec.ports);
  if (ports.length === 0) throw new TypeError(`The spec of ${spec.image} has no port, so nobody could use it`);
  for (const [name, { container }] of ports) {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) throw new TypeError(`"${name}" is not a name for a port; use a-z, 0-9 and _`);
    if (container !== undefined && !(Number.isInteger(container) && container >= 1 && container <= 65_535)) {
      throw new RangeError(`The port ${name} of ${spec.image} is ${container}, not an integer from 1 to 65535`);
    }
  }
  checkLimit('memoryBytes', spec.memoryBytes, 6 * 2 ** 20);
  checkLimit('cpus', spec.cpus, 0.01);
}

function checkLimit(name: string, value: number | undefined, min: number): void {
  if (value !== undefined && !(value >= min)) throw new RangeError(`${name} is ${value}, less than ${min}`);
}
