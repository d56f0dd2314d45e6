import type { Setting } from './setting.ts';
import { choice, decimal, integer, type PortRange, portRange, text, words } from './setting-types.ts';

/** Settings of engines in containers; they count with `ENGINES=docker` only. */
export interface ContainerConfig {
  readonly dockerHost: string | undefined;
  readonly dockerTlsVerify: string | undefined;
  readonly dockerCertPath: string | undefined;
  readonly dockerConfig: string | undefined;
  readonly instanceId: string | undefined;
  readonly engineVariant:
    | 'auto'
    | 'nano-ace'
    | 'jopsis-amd64'
    | 'jopsis-arm32'
    | 'jopsis-arm64'
    | 'http-proxy'
    | 'custom';
  readonly engineImage: string | undefined;
  readonly engineFlags: readonly string[];
  readonly engineNetwork: string | undefined;
  readonly vpnContainer: string | undefined;
  readonly dockerNetwork: string | undefined;
  readonly engineBind: string;
  readonly enginePorts: PortRange;
  readonly engineMemoryMb: number;
  readonly engineCpus: number;
  readonly engineCache: 'memory' | 'tmpfs' | 'volume';
  readonly engineCacheMb: number;
  readonly imageCheckHours: number;
}

type ContainerSettings = { readonly [Field in keyof ContainerConfig]: Setting<ContainerConfig[Field]> };

/** What can name an image: no URL, and no path. */
export const imageName: RegExp = /^[a-z0-9](?:[\w:@-]|[./](?![./]))*$/i;

/** A text that may be left out. */
const optional = { ...text(), format: (value: string | undefined) => value ?? '' };

export const containerSettings: ContainerSettings = {
  dockerHost: {
    name: 'DOCKER_HOST',
    type: { ...optional, shape: 'unix:///path, tcp://host:port' },
    default: undefined,
    text: 'The Docker daemon, or Podman’s compatible socket; default /var/run/docker.sock.',
    group: 'engines',
    changes: 'environment',
  },
  dockerTlsVerify: {
    name: 'DOCKER_TLS_VERIFY',
    type: { ...optional, shape: 'anything' },
    default: undefined,
    text: 'The daemon is reached over TLS, and its certificate is checked.',
    group: 'engines',
    changes: 'environment',
  },
  dockerCertPath: {
    name: 'DOCKER_CERT_PATH',
    type: { ...optional, shape: 'folder' },
    default: undefined,
    text: 'Folder with ca.pem for that, and cert.pem and key.pem where the daemon wants them.',
    group: 'engines',
    changes: 'environment',
  },
  dockerConfig: {
    name: 'DOCKER_CONFIG',
    type: { ...optional, shape: 'folder' },
    default: undefined,
    text: 'Folder with the config.json in which docker login keeps logins for registries; default .docker in the home folder.',
    group: 'engines',
    changes: 'environment',
  },
  instanceId: {
    name: 'INSTANCE_ID',
    type: { ...optional, shape: 'letters, digits, _ . -' },
    default: undefined,
    text: 'Label by which this installation knows its containers; without one it is made on first start and kept in DATA_DIR.',
    group: 'engines',
    changes: 'environment',
  },
  engineVariant: {
    name: 'ENGINE_VARIANT',
    type: choice('auto', 'nano-ace', 'jopsis-amd64', 'jopsis-arm32', 'jopsis-arm64', 'http-proxy', 'custom'),
    default: 'auto',
    text: 'Which image engines are made from; auto is what fits the processor, custom what /custom-variant/config says.',
    group: 'engines',
  },
  engineImage: {
    name: 'ENGINE_IMAGE',
    type: { ...optional, shape: 'name:tag' },
    default: undefined,
    text: 'Another image instead of the variant’s: a mirror, or another version of it.',
    group: 'engines',
  },
  engineFlags: {
    name: 'ENGINE_FLAGS',
    type: words(),
    default: [],
    text: 'Flags that are added to the engine’s command line.',
    group: 'engines',
  },
  engineNetwork: {
    name: 'ENGINE_NETWORK',
    type: { ...optional, shape: 'bridge, host, a name, container:<name>' },
    default: undefined,
    text: 'Where engines are put; default the network of this server’s own container, or bridge.',
    group: 'engines',
    changes: 'restart',
  },
  vpnContainer: {
    name: 'GLUETUN_CONTAINER_NAME',
    type: { ...optional, shape: 'name' },
    default: undefined,
    text: 'A VPN container: engines are made inside its network or not at all. The same as ENGINE_NETWORK=container:<name>.',
    group: 'engines',
    changes: 'restart',
  },
  dockerNetwork: {
    name: 'DOCKER_NETWORK',
    type: { ...optional, shape: 'name' },
    default: undefined,
    text: 'What the 1.5 release calls ENGINE_NETWORK.',
    group: 'engines',
    changes: 'restart',
  },
  engineBind: {
    name: 'ENGINE_BIND',
    type: text('address'),
    default: '127.0.0.1',
    text: 'Address of the machine at which engines’ ports are published, where they must be; anybody who reaches it may use them.',
    group: 'engines',
    changes: 'restart',
  },
  enginePorts: {
    name: 'ENGINE_PORTS',
    type: portRange(),
    default: { from: 19_000, to: 19_999 },
    text: 'Ports for engines, four each, the same inside and outside.',
    group: 'engines',
    changes: 'restart',
  },
  engineMemoryMb: {
    name: 'ENGINE_MEMORY_MB',
    type: integer(0, 1_048_576, 'MiB'),
    default: 0,
    text: 'Memory that an engine may use; 0 for no limit.',
    group: 'engines',
  },
  engineCpus: {
    name: 'ENGINE_CPUS',
    type: decimal(0, 1_024, 'cores'),
    default: 0,
    text: 'Processors that an engine may use; 0 for no limit.',
    group: 'engines',
  },
  engineCache: {
    name: 'ENGINE_CACHE',
    type: choice('memory', 'tmpfs', 'volume'),
    default: 'memory',
    text: 'Where an engine keeps what it downloads: in its own memory, in a memory disk, or in a volume that goes with it.',
    group: 'engines',
  },
  engineCacheMb: {
    name: 'ENGINE_CACHE_MB',
    type: integer(64, 1_048_576, 'MiB'),
    default: 1_024,
    text: 'Size of the memory disk or volume.',
    group: 'engines',
  },
  imageCheckHours: {
    name: 'IMAGE_CHECK_HOURS',
    type: integer(0, 720, 'h'),
    default: 24,
    text: 'While there are engines, their image’s registry is asked so often for a newer one, which is reported and not taken; 0 for never.',
    group: 'engines',
    changes: 'restart',
  },
};

/** Settings that new engines are made from; with another value of one of them, those that run are replaced. */
export const imageSettings: ReadonlySet<string> = new Set(
  (
    [
      'engineVariant',
      'engineImage',
      'engineFlags',
      'engineMemoryMb',
      'engineCpus',
      'engineCache',
      'engineCacheMb',
    ] as const
  ).map((field) => containerSettings[field].name),
);

/** The network that engines are wished in, whichever of its names was used. */
export function wishedNetwork({ engineNetwork, vpnContainer, dockerNetwork }: ContainerConfig): string | undefined {
  if (vpnContainer !== undefined) return `container:${vpnContainer}`;
  return engineNetwork ?? dockerNetwork;
}

/** Faults of these settings together. */
export function containerFaults(config: ContainerConfig): string[] {
  const { engineNetwork, vpnContainer, dockerNetwork } = config;
  const faults: string[] = [];
  const vpn = `container:${vpnContainer}`;
  if (vpnContainer !== undefined && engineNetwork !== undefined && engineNetwork !== vpn) {
    faults.push(
      `GLUETUN_CONTAINER_NAME wants engines inside the network of ${vpnContainer}, and ENGINE_NETWORK in ${engineNetwork}: leave one of them out.`,
    );
  }
  if (engineNetwork !== undefined && dockerNetwork !== undefined && engineNetwork !== dockerNetwork) {
    faults.push(
      `ENGINE_NETWORK (${engineNetwork}) and DOCKER_NETWORK (${dockerNetwork}) differ: leave one of them out.`,
    );
  }
  if (config.engineImage !== undefined && !imageName.test(config.engineImage)) {
    faults.push(`ENGINE_IMAGE must be the name of an image, such as ghcr.io/name:tag, not "${config.engineImage}".`);
  }
  if (config.instanceId !== undefined && !/^[\w.-]{1,100}$/.test(config.instanceId)) {
    faults.push(`INSTANCE_ID must consist of letters, digits, _ . and -, not "${config.instanceId}".`);
  }
  return faults;
}
