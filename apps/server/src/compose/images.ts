import type { DockerRuntime, ImageState } from '@acestream-orchestrator/engine-orchestrator/docker';
import { ApiError } from '../api-error.ts';
import type { NewEvent } from '../events/event-log.ts';
import type { Pull, Pulls } from '../live/pulls.ts';
import type { Log } from '../log.ts';
import { notManaged, toApiError } from './docker-api-error.ts';

export interface ImagesOptions {
  /** Undefined when engines are not made here. */
  readonly runtime: DockerRuntime | undefined;
  readonly log: Log;
  readonly pulls: Pick<Pulls, 'listen'>;
  readonly record: (event: NewEvent) => void;
  /** What is shown of the images has changed. */
  readonly changed: () => void;
}

/** The images that engines are made from: what is here, what the registry has, and getting it. Rejects with {@link ApiError}s. */
export class Images {
  readonly #options: ImagesOptions;
  /** Configured images, with the digest of the newer one that their registry has. */
  readonly #newer = new Map<string, string>();

  constructor(options: ImagesOptions) {
    this.#options = options;
    options.pulls.listen((pull) => this.#recordPull(pull));
  }

  async list(): Promise<readonly ImageState[]> {
    const { runtime } = this.#options;
    return runtime === undefined ? [] : ask(() => runtime.images({ signal: never }));
  }

  /** Names of configured images that the registry has a newer one of, as far as was looked. */
  newer(): readonly string[] {
    return [...this.#newer.keys()];
  }

  /** Asks the registry; default about the image that engines are made from. */
  async check(image: string | undefined): Promise<ImageState> {
    const runtime = this.#runtime();
    return ask(() => runtime.checkImage(image, { signal: never }));
  }

  /** Begins to get the newest one, or joins a pull that runs. Resolves at once; it goes on. */
  async pull(image: string | undefined): Promise<ImageState> {
    const runtime = this.#runtime();
    return ask(async () => {
      // Whether Docker is there at all is worth an answer.
      const { image: name } = await runtime.image(image, { signal: never });
      // How it ends is told as its progress is.
      runtime.pull(name, { signal: never }).catch(() => {});
      return runtime.image(name, { signal: never });
    });
  }

  /** Resolves when the pull is over. Rejects with `pull_not_found`. */
  async cancelPull(image: string | undefined): Promise<ImageState> {
    const runtime = this.#runtime();
    return ask(async () => {
      const { image: name } = await runtime.image(image, { signal: never });
      if (!(await runtime.cancelPull(name))) {
        throw new ApiError(404, 'pull_not_found', `The image ${name} is not being pulled.`);
      }
      return runtime.image(name, { signal: never });
    });
  }

  /** The registry was asked about an image, or one was pulled. */
  report({ image, isConfigured, newer, check, local }: ImageState): void {
    const digest = check?.digest;
    if (!isConfigured || newer !== true || digest === undefined) {
      if (newer === false) this.#newer.delete(image);
    } else if (this.#newer.get(image) !== digest) {
      this.#newer.set(image, digest);
      this.#options.log.warn({ image, digest }, 'the registry has a newer image');
      this.#options.record({
        type: 'system',
        category: 'newer_image',
        message: `The registry has a newer ${image}: pull it, and replace the engines.`,
        details: { image, digest, local: [...(local?.digests ?? [])] },
      });
    }
    if (check?.error !== undefined) {
      this.#options.log.warn({ image, code: check.error.code }, check.error.message);
    }
    this.#options.changed();
  }

  /** Engines may be made from another image now. */
  reconfigured(): void {
    this.#newer.clear();
  }

  #recordPull({ image, status, bytes, error, code }: Pull): void {
    if (status === 'pulling') return;
    this.#options.record({
      type: 'system',
      category: `image_${endings[status].category}`,
      message: `The image ${image} ${endings[status].words}${error === undefined || status === 'cancelled' ? '' : `: ${error}`}.`,
      details: { image, bytes, ...(code === undefined ? {} : { code }) },
    });
  }

  #runtime(): DockerRuntime {
    const { runtime } = this.#options;
    if (runtime === undefined) throw notManaged();
    return runtime;
  }
}

const endings = {
  done: { category: 'pulled', words: 'was pulled' },
  failed: { category: 'pull_failed', words: 'could not be pulled' },
  cancelled: { category: 'pull_cancelled', words: 'is no longer being pulled' },
} as const;

/** Every call of the runtime has its own time limit. */
const { signal: never } = new AbortController();

async function ask<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw toApiError(error);
  }
}
