import type { Clock } from '../time/clock.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { checkImageName, isSameImage } from './image-name.ts';
import { ImageRegistry } from './image-registry.ts';
import { type ImageState, imageState } from './image-state.ts';
import type { ImageStore } from './image-store.ts';
import { ImageWatch } from './image-watch.ts';
import type { Planner } from './planner.ts';
import type { RegistryLogins } from './registry-login.ts';

export interface ImagesOptions {
  readonly client: DockerClient;
  readonly clock: Clock;
  readonly logins: RegistryLogins;
  readonly store: ImageStore;
  readonly planner: Pick<Planner, 'spec'>;
  /** Time between two looks at the registry; 0 for none. */
  readonly checkMs: number;
  /** The registry was asked about an image, well or in vain, or a pull has brought one. */
  readonly onImage: (image: ImageState) => void;
}

/** What the daemon and the registry have of the images that matter here, and how to get what is missing. */
export class Images {
  readonly #options: ImagesOptions;
  readonly #registry: ImageRegistry;
  readonly #watch: ImageWatch;
  readonly #closing = new AbortController();

  constructor(options: ImagesOptions) {
    const { client, clock, logins, checkMs } = options;
    this.#options = options;
    this.#registry = new ImageRegistry({ client, clock, logins });
    this.#watch = new ImageWatch({ clock, everyMs: checkMs, check: () => this.#look() });
  }

  /** The engines were listed: it may be time to look for a newer image. */
  engineCount(engines: number): void {
    this.#watch.listed(engines);
  }

  async states(signal: AbortSignal): Promise<readonly ImageState[]> {
    const { store, planner } = this.#options;
    const { image: configured } = await planner.spec(signal);
    const pulled = store.pulls().map(({ image }) => image);
    const names = [configured, ...pulled.filter((image) => !isSameImage(image, configured))];
    return Promise.all(names.map((image) => this.state(image, signal)));
  }

  /** Default the image that containers are made from. */
  async state(name: string | undefined, signal: AbortSignal): Promise<ImageState> {
    const { store, planner } = this.#options;
    const { image: configured } = await planner.spec(signal);
    const image = name ?? configured;
    checkImageName(image);
    return imageState({
      image,
      isConfigured: isSameImage(image, configured),
      local: await store.find(image, signal),
      pull: store.pulls().find((pull) => isSameImage(pull.image, image)),
      check: this.#registry.last(image),
    });
  }

  async check(name: string | undefined, signal: AbortSignal): Promise<ImageState> {
    const image = name ?? (await this.#options.planner.spec(signal)).image;
    checkImageName(image);
    try {
      await this.#registry.check(image, signal);
    } catch (error) {
      await this.#tell(image, signal);
      throw error;
    }
    return this.#tell(image, signal);
  }

  async pull(image: string, signal: AbortSignal): Promise<void> {
    checkImageName(image);
    const { store, planner } = this.#options;
    const { image: configured, platform } = await planner.spec(signal);
    await store.pull(image, isSameImage(image, configured) ? platform : undefined, signal);
    await this.#tell(image, signal);
  }

  cancelPull(image: string): Promise<boolean> {
    return this.#options.store.cancel(image);
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The Docker runtime is closed'));
    await this.#options.store.close();
  }

  async #tell(image: string, signal: AbortSignal): Promise<ImageState> {
    const state = await this.state(image, signal);
    this.#options.onImage(state);
    return state;
  }

  /** Without being asked to. False when another try may soon succeed. */
  async #look(): Promise<boolean> {
    try {
      await this.check(undefined, this.#closing.signal);
      return true;
    } catch (error) {
      return error instanceof DockerError && !error.retryable;
    }
  }
}
