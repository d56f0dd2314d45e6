export type { MadeContainer } from './container-maker.ts';
export type {
  ContainerCache,
  ContainerPort,
  ContainerSpec,
  ContainerSpecOf,
  DaemonFacts,
  PortNumbers,
} from './container-spec.ts';
export type { ContainerSummary } from './container-summary.ts';
export type { DockerRuntime } from './contract.ts';
export { type DaemonAddress, daemonAddress } from './daemon-address.ts';
export { dockerConfigLogins } from './docker-config.ts';
export { DockerError, type DockerErrorCode, type DockerOption } from './docker-error.ts';
export type { DockerRuntimeOptions } from './docker-options.ts';
export { dockerRuntime } from './docker-runtime.ts';
export type { ImageCheck } from './image-registry.ts';
export type { ImageState } from './image-state.ts';
export type { LocalImage } from './image-store.ts';
export type { ContainerHealth, SharedNetwork } from './network-facts.ts';
export type { PortRange } from './port-ledger.ts';
export type { PullProgress } from './pull-progress.ts';
export type { RegistryLogin, RegistryLogins } from './registry-login.ts';
