import type Docker from 'dockerode';
import type { Clock } from '../time/clock.ts';
import { daemonWords } from './daemon-answer.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { isSameImage, withTag } from './image-name.ts';
import { jsonLines } from './json-lines.ts';
import { PullMeter, type PullProgress } from './pull-progress.ts';
import { deniedError, type RegistryAccess, registryAccess } from './registry-access.ts';
import { registryFault } from './registry-fault.ts';
import type { RegistryLogins } from './registry-login.ts';

export interface ImageStoreOptions {
  readonly client: DockerClient;
  readonly clock: Clock;
  readonly logins: RegistryLogins;
  /** Gives a pull up when the daemon has said nothing about it for so long. */
  readonly stallMs: number;
  /** An image is about to be pulled, is being pulled, or the pull is over; at most twice a second. */
  readonly onPull: (progress: PullProgress) => void;
}

/** An image that the daemon has. */
export interface LocalImage {
  readonly id: string;
  readonly architecture: string;
  readonly sizeBytes: number;
  /** Unix milliseconds. */
  readonly createdAt: number;
  /** Of the registry, `sha256:…`. */
  readonly digests: readonly string[];
}

type OnPull = (progress: PullProgress) => void;

/** A pull that runs. */
interface RunningPull {
  /** As it was named by whoever asked first. */
  readonly image: string;
  readonly over: Promise<void>;
  readonly attempt: AbortController;
}

interface RunningRead {
  readonly meter: PullMeter;
  readonly attempt: AbortController;
  readonly access: RegistryAccess;
}

/** Time between two reports of a pull. */
const reportMs = 500;

/** The daemon's images, and the pulls of those that are missing: one pull of an image at a time, however many wait for it. */
export class ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<OnPull>();
  readonly #pulls = new Map<string, RunningPull>();
  readonly #progress = new Map<string, PullProgress>();

  constructor(options: ImageStoreOptions) {
    this.#options = options;
  }

  /** Makes sure that the daemon has `image`; pulls it when it has not. */
  async ensure(image: string, platform: string | undefined, signal: AbortSignal, onPull?: OnPull): Promise<void> {
    if ((await this.find(image, signal)) === undefined) await this.pull(image, platform, signal, onPull);
  }

  async find(image: string, signal: AbortSignal): Promise<LocalImage | undefined> {
    try {
      return await this.#options.client.call(
        `look for the image ${image}`,
        async (docker) => describe(await docker.getImage(image).inspect()),
        { signal },
      );
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Gets the newest image of that name. It goes on for others, and for later, when the signal aborts. */
  async pull(image: string, platform: string | undefined, signal: AbortSignal, onPull?: OnPull): Promise<void> {
    signal.throwIfAborted();
    const key = `${withTag(image)} ${platform ?? ''}`;
    // Told of its beginning, too.
    const listener = onPull && ((progress: PullProgress) => isSameImage(progress.image, image) && onPull(progress));
    if (listener !== undefined) this.#listeners.add(listener);
    const { over } = this.#pulls.get(key) ?? this.#start(key, image, platform);
    try {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        over.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
      });
    } finally {
      if (listener !== undefined) this.#listeners.delete(listener);
    }
  }

  /** Pulls that run, and the last one of each image. */
  pulls(): readonly PullProgress[] {
    return [...this.#progress.values()];
  }

  /** Ends the pulls of an image for everybody who waits for them. False when there is none. Resolves when they are over. */
  async cancel(image: string): Promise<boolean> {
    const pulls = [...this.#pulls.values()].filter((pull) => isSameImage(pull.image, image));
    const reason = new DockerError('pull_cancelled', `The pull of ${image} was cancelled`);
    for (const { attempt } of pulls) attempt.abort(reason);
    await Promise.allSettled(pulls.map(({ over }) => over));
    return pulls.length > 0;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The Docker runtime is closed'));
    await Promise.allSettled([...this.#pulls.values()].map(({ over }) => over));
  }

  #start(key: string, image: string, platform: string | undefined): RunningPull {
    const attempt = new AbortController();
    const over = this.#pull(image, platform, attempt).finally(() => this.#pulls.delete(key));
    const pull = { image, over, attempt };
    this.#pulls.set(key, pull);
    // Whoever waits hears of it; nobody may.
    over.catch(() => {});
    return pull;
  }

  async #pull(image: string, platform: string | undefined, attempt: AbortController): Promise<void> {
    const { clock, logins } = this.#options;
    const meter = new PullMeter(image);
    let access: RegistryAccess | undefined;
    try {
      this.#report(meter.progress('pulling'));
      const signal = AbortSignal.any([attempt.signal, this.#closing.signal]);
      access = await registryAccess(image, { logins, clock, signal });
      await this.#readPull(image, platform, { meter, attempt, access });
      if (meter.error !== undefined) throw new Error(meter.error);
      this.#report(meter.progress('done'));
    } catch (error) {
      const failure = this.#closing.signal.aborted ? error : pullError(image, error, access);
      this.#report(meter.progress(isCancelled(failure) ? 'cancelled' : 'failed', failure));
      throw failure;
    }
  }

  async #readPull(
    image: string,
    platform: string | undefined,
    { meter, attempt, access: { auth } }: RunningRead,
  ): Promise<void> {
    const { client, clock, stallMs } = this.#options;
    const signal = AbortSignal.any([attempt.signal, this.#closing.signal]);
    const stalled = (): void =>
      attempt.abort(new DockerError('daemon_timeout', `The pull of ${image} made no progress for ${stallMs} ms`));
    let cancelStall = clock.after(stallMs, stalled);
    let cancelReport: (() => void) | undefined;
    const report = (): void => {
      cancelReport = undefined;
      this.#report(meter.progress('pulling'));
    };
    try {
      const stream = await client.stream(
        `pull the image ${image}`,
        (docker, abortSignal) =>
          docker.createImage({
            fromImage: withTag(image),
            ...(platform === undefined ? {} : { platform }),
            ...(auth === undefined ? {} : { authconfig: auth }),
            abortSignal,
          }),
        { signal, timeoutMs: stallMs },
      );
      for await (const message of jsonLines(stream)) {
        cancelStall();
        cancelStall = clock.after(stallMs, stalled);
        meter.add(message);
        // Later, so that what is reported last is how far a pull came that stands still then.
        cancelReport ??= clock.after(reportMs, report);
      }
      signal.throwIfAborted();
    } finally {
      cancelStall();
      cancelReport?.();
    }
  }

  #report(progress: PullProgress): void {
    this.#progress.set(withTag(progress.image), progress);
    this.#options.onPull(progress);
    for (const listener of this.#listeners) listener(progress);
  }
}

function isCancelled(error: unknown): boolean {
  return error instanceof DockerError && error.code === 'pull_cancelled';
}

/** A daemon or a registry that is away says so; anything else means that there is no such image to be had. */
function pullError(image: string, error: unknown, access: RegistryAccess | undefined): DockerError {
  if (error instanceof DockerError && error.code !== 'daemon_refused') return error;
  const words = daemonWords(error instanceof DockerError ? error.cause : error);
  const message = `The image ${image} cannot be pulled: ${words}`;
  if (/no match(ing manifest)? for platform|no matching manifest/i.test(words)) {
    return new DockerError('wrong_platform', message, { cause: error, option: 'image' });
  }
  const fault = registryFault(error) ?? 'image_missing';
  if (fault === 'registry_denied') return deniedError(message, access, { cause: error });
  return new DockerError(fault, message, { cause: error, option: fault === 'image_missing' ? 'image' : undefined });
}

function describe({ Id, Architecture, Size, Created, RepoDigests }: Docker.ImageInspectInfo): LocalImage {
  const digests = (RepoDigests ?? []).map((digest) => digest.slice(digest.indexOf('@') + 1));
  return { id: Id, architecture: Architecture, sizeBytes: Size, createdAt: Date.parse(Created), digests };
}
