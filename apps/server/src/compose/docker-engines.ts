import {
  type AceContainerOptions,
  type AceFlag,
  aceContainer,
  aceVariants,
} from '@acestream-orchestrator/engine-orchestrator/ace';
import {
  type ContainerSpecOf,
  type DockerRuntime,
  daemonAddress,
  dockerConfigLogins,
  dockerRuntime,
  type ImageState,
  type SharedNetwork,
} from '@acestream-orchestrator/engine-orchestrator/docker';
import type { Config } from '../config/config.ts';
import { wishedNetwork } from '../config/container-settings.ts';
import type { CustomVariantConfig } from '../custom-variant-config.ts';
import type { Pulls } from '../live/pulls.ts';
import type { Log } from '../log.ts';
import { pullLog } from './pull-log.ts';

export interface DockerEnginesOptions {
  readonly config: Config;
  readonly instance: string;
  readonly custom: CustomVariantConfig | undefined;
  readonly pulls: Pulls;
  readonly log: Log;
  /** The registry was asked about an image, or one was pulled. */
  readonly onImage: (image: ImageState) => void;
  /** The VPN container was found, or is not as it was seen before. */
  readonly onVpn: (network: SharedNetwork) => void;
}

/** The runtime that makes engines in containers, as the settings say. */
export function dockerEngines({
  config,
  instance,
  custom,
  pulls,
  log,
  onImage,
  onVpn,
}: DockerEnginesOptions): DockerRuntime {
  const network = wishedNetwork(config);
  const logPull = pullLog(log);
  return dockerRuntime({
    instance,
    name: 'acestream',
    spec: engineSpec(config, custom, log),
    connection: daemonAddress({
      DOCKER_HOST: config.dockerHost,
      DOCKER_TLS_VERIFY: config.dockerTlsVerify,
      DOCKER_CERT_PATH: config.dockerCertPath,
      HOME: process.env['HOME'],
    }),
    logins: dockerConfigLogins({ DOCKER_CONFIG: config.dockerConfig, HOME: process.env['HOME'] }),
    ...(network === undefined ? {} : { network }),
    bind: config.engineBind,
    ports: config.enginePorts,
    optionNames,
    onPull: (progress) => {
      logPull(progress);
      pulls.report(progress);
    },
    imageCheckMs: config.imageCheckHours * 3_600_000,
    onImage,
    onSharedNetwork: onVpn,
  });
}

/** The settings that the library's options are filled from. */
const optionNames = {
  connection: 'DOCKER_HOST',
  certPath: 'DOCKER_CERT_PATH',
  logins: 'DOCKER_CONFIG',
  network: 'ENGINE_NETWORK',
  bind: 'ENGINE_BIND',
  ports: 'ENGINE_PORTS',
  image: 'ENGINE_VARIANT',
  memory: 'ENGINE_MEMORY_MB',
} as const;

/** What engines are made from. The first time that an image is going to be used, the log says whose it is. */
export function engineSpec(config: Config, custom: CustomVariantConfig | undefined, log: Log): ContainerSpecOf {
  const spec = aceContainer(containerOptions(config, custom));
  const announced = new Set<string>();
  return (daemon) => {
    const resolved = typeof spec === 'function' ? spec(daemon) : spec;
    if (!announced.has(resolved.image)) announce(log, resolved.image, resolved.variant);
    announced.add(resolved.image);
    return resolved;
  };
}

function containerOptions(config: Config, custom: CustomVariantConfig | undefined): AceContainerOptions {
  const { engineVariant, engineImage, engineMemoryMb, engineCpus, engineCache, engineCacheMb } = config;
  const variant = engineVariant === 'custom' || custom?.enabled ? customVariant(custom, engineImage) : engineVariant;
  const memoryBytes = custom?.enabled && custom.memoryBytes > 0 ? custom.memoryBytes : engineMemoryMb * 2 ** 20;
  return {
    ...(variant === 'auto' ? {} : { variant }),
    ...(engineImage === undefined ? {} : { image: engineImage }),
    ...(memoryBytes === 0 ? {} : { memoryBytes }),
    ...(engineCpus === 0 ? {} : { cpus: engineCpus }),
    ...(engineCache === 'memory'
      ? {}
      : { cache: { kind: engineCache, path: '/acestream-cache', sizeBytes: engineCacheMb * 2 ** 20 } }),
    flags: pairFlags(config.engineFlags),
  };
}

/** An image of one's own: from the saved settings, or just from `ENGINE_IMAGE`. */
function customVariant(
  custom: CustomVariantConfig | undefined,
  engineImage: string | undefined,
): Exclude<AceContainerOptions['variant'], string | undefined> {
  const image = custom?.image || engineImage;
  if (image === undefined) {
    throw new TypeError(
      'ENGINE_VARIANT=custom needs an image: set ENGINE_IMAGE, or save one at /custom-variant/config',
    );
  }
  const { platform, command = [], env = {}, parameters = [] } = custom ?? {};
  return { image, command, env, parameters, ...(platform === undefined ? {} : { platform }) };
}

/** `--name value --flag` as pairs; a value is whatever does not begin with a dash. */
function pairFlags(words: readonly string[]): readonly AceFlag[] {
  const flags: AceFlag[] = [];
  for (const word of words) {
    const last = flags.at(-1);
    if (last?.length === 1 && !word.startsWith('-')) flags[flags.length - 1] = [last[0], word];
    else flags.push([word]);
  }
  return flags;
}

function announce(log: Log, image: string, variant: string | undefined): void {
  const known = Object.values(aceVariants).find((each) => each.image === image);
  const about =
    known === undefined
      ? 'an image of yours'
      : `closed software that ${known.publisher} publishes, about ${known.sizeMb} MB, neither made nor checked by this project`;
  log.info({ image, variant, publisher: known?.publisher }, `engines are made from the image ${image}: ${about}`);
}
