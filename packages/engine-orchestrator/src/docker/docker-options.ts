import { type Clock, systemClock } from '../time/clock.ts';
import type { ContainerSpecOf } from './container-spec.ts';
import { type DaemonAddress, daemonAddress } from './daemon-address.ts';
import { dockerConfigLogins } from './docker-config.ts';
import type { DockerOption } from './docker-error.ts';
import type { ImageState } from './image-state.ts';
import type { SharedNetwork } from './network-facts.ts';
import type { PortRange } from './port-ledger.ts';
import type { PullProgress } from './pull-progress.ts';
import type { RegistryLogins } from './registry-login.ts';

/** Options of {@link dockerRuntime}. */
export interface DockerRuntimeOptions {
  /**
   * Names this installation. Its containers have the label `ondemand.app=<instance>`, and no other container is ever
   * touched; two installations that share a daemon need two.
   */
  readonly instance: string;
  /** What the containers of the pool are made from. */
  readonly spec: ContainerSpecOf;
  /** Of the names of containers, `<name>-1`, and of their labels, `<name>.config_hash`. Default `engine`. */
  readonly name?: string;
  /** Default {@link daemonAddress} of the environment. */
  readonly connection?: DaemonAddress;
  /**
   * Where containers go: `bridge`, `host`, the name of a network, or `container:<name or id>` for the network of another
   * container (a VPN): then they are made there or not at all. Default: a network of the container that this process
   * runs in, otherwise `bridge`.
   */
  readonly network?: string;
  /** Address of the daemon's machine at which ports are published, where that is needed. Default `127.0.0.1`. */
  readonly bind?: string;
  /** Where ports come from. Default 19000 to 19999. */
  readonly ports?: PortRange;
  /**
   * Logins for the registries of images, asked for each time that an image is pulled or looked up. Default
   * {@link dockerConfigLogins} of the environment: those that `docker login` keeps.
   */
  readonly logins?: RegistryLogins;
  /** Time limit of a call. Default 15 000 ms, 100 to 600 000. */
  readonly timeoutMs?: number;
  /** A pull that makes no progress for so long is given up. Default 120 000 ms, 1 000 to 3 600 000. */
  readonly pullStallMs?: number;
  /** Default {@link systemClock}. */
  readonly clock?: Clock;
  /** What these options are called where people set them; errors add that name. Default nothing. */
  readonly optionNames?: Readonly<Partial<Record<DockerOption, string>>>;
  /** A pull began, went on (at most twice a second) or ended. Default nothing. */
  readonly onPull?: (progress: PullProgress) => void;
  /**
   * While there are engines, their image's registry is asked so often whether it has a newer one; the first time after
   * 15 minutes, and again after an hour when that failed. Default 0, which is never; 60 000 to 2 592 000 000 ms.
   */
  readonly imageCheckMs?: number;
  /** The registry was asked about an image, well or in vain, or a pull has brought one. Default nothing. */
  readonly onImage?: (image: ImageState) => void;
  /** The container whose network containers share was found, or is not as it was seen before. Default nothing. */
  readonly onSharedNetwork?: (network: SharedNetwork) => void;
}

export type DockerSettings = Required<Omit<DockerRuntimeOptions, 'network'>> & { readonly network: string | undefined };

/** Checks the options. Throws a TypeError or RangeError for one that can never work. */
export function readDockerOptions(options: DockerRuntimeOptions): DockerSettings {
  const { instance, name = 'engine', network, bind = '127.0.0.1' } = options;
  if (!/^[\w.-]{1,100}$/.test(instance))
    throw new TypeError(`"${instance}" cannot name an instance; use letters, digits, _ . -`);
  if (!/^[a-z][a-z0-9_-]{0,40}$/.test(name)) throw new TypeError(`"${name}" cannot begin the names of containers`);
  if (network !== undefined && !/^(container:)?[a-z0-9][\w.-]*$/i.test(network)) {
    throw new TypeError(`"${network}" is neither the name of a network nor container:<name>`);
  }
  return {
    instance,
    name,
    network,
    bind,
    spec: options.spec,
    connection: options.connection ?? daemonAddress(process.env),
    ports: options.ports ?? { from: 19_000, to: 19_999 },
    logins: options.logins ?? dockerConfigLogins(process.env),
    timeoutMs: bounded('timeoutMs', options.timeoutMs ?? 15_000, 100, 600_000),
    pullStallMs: bounded('pullStallMs', options.pullStallMs ?? 120_000, 1_000, 3_600_000),
    clock: options.clock ?? systemClock,
    optionNames: options.optionNames ?? {},
    onPull: options.onPull ?? (() => {}),
    imageCheckMs: options.imageCheckMs ? bounded('imageCheckMs', options.imageCheckMs, 60_000, 2_592_000_000) : 0,
    onImage: options.onImage ?? (() => {}),
    onSharedNetwork: options.onSharedNetwork ?? (() => {}),
  };
}

function bounded(name: string, value: number, min: number, max: number): number {
  if (value >= min && value <= max) return value;
  throw new RangeError(`${name} is ${value}, not from ${min} to ${max}`);
}
