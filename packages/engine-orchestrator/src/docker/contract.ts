import type { EngineRuntime } from '../runtime/engine-runtime.ts';
import type { MadeContainer } from './container-maker.ts';
import type { ContainerSpec, ContainerSpecOf, DaemonFacts } from './container-spec.ts';
import type { ContainerSummary } from './container-summary.ts';
import type { DockerError } from './docker-error.ts';
import type { ImageState } from './image-state.ts';
import type { SharedNetwork } from './network-facts.ts';

export interface Abortable {
  readonly signal: AbortSignal;
}

/** A pool of containers on a Docker daemon. Rejects with {@link DockerError}s and with the signal's reason. */
export interface DockerRuntime extends Required<EngineRuntime> {
  /** What containers are made from from now on. Those that exist are listed as outdated then. */
  configure(spec: ContainerSpecOf): void;
  /** What containers are made from now. */
  spec(options: Abortable): Promise<ContainerSpec>;
  daemon(options: Abortable): Promise<DaemonFacts>;
  /** The container whose network containers share, as it was seen last; undefined when they share none, or nobody looked yet. */
  sharedNetwork(): SharedNetwork | undefined;
  /** Makes and starts a container of this instance that does not belong to the pool, in the same network. */
  run(spec: ContainerSpec, options: Abortable): Promise<MadeContainer>;
  /** All containers of this instance, or those with this label. */
  containers(
    options: Abortable & { readonly label?: readonly [key: string, value: string] },
  ): Promise<readonly ContainerSummary[]>;
  /** The image of the spec, and those that were pulled by this process. */
  images(options: Abortable): Promise<readonly ImageState[]>;
  /** One image; default that of the spec. */
  image(image: string | undefined, options: Abortable): Promise<ImageState>;
  /**
   * Asks the registry which image has this name now, through the daemon; nothing is downloaded. Default the image of the
   * spec. Rejects with `registry_unreachable`, `registry_denied`, `registry_limited`, `image_missing` (the registry does
   * not have it) or, where the daemon cannot ask (Podman), `check_unsupported`; what was known before stays known.
   */
  checkImage(image: string | undefined, options: Abortable): Promise<ImageState>;
  /**
   * Gets the newest image of this name; containers that were made from an older one are listed as outdated then. There
   * is one pull of an image at a time; it goes on when the signal of one who waits for it aborts.
   */
  pull(image: string, options: Abortable): Promise<void>;
  /**
   * Ends the pull of an image for everybody who waits for it, with `pull_cancelled`. Resolves when it is over, with
   * false when there was none.
   */
  cancelPull(image: string): Promise<boolean>;
  /** Why a container does not serve, as far as its state and its log tell; undefined for an unknown one. */
  diagnose(engineId: string, options: Abortable): Promise<DockerError | undefined>;
  /** Removes cache volumes of this instance that no container has any more. Returns their number. */
  prune(options: Abortable): Promise<number>;
  /** Ends pulls and event streams; containers go on running. */
  close(): Promise<void>;
}
