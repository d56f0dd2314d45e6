import type Docker from 'dockerode';
import type { Clock } from '../time/clock.ts';
import { daemonWords } from './daemon-answer.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { jsonLines } from './json-lines.ts';
import { PullMeter, type PullProgress } from './pull-progress.ts';

export interface ImageStoreOptions {
  readonly client: DockerClient;
  readonly clock: Clock;
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

/** Time between two reports of a pull. */
const reportMs = 500;

/** The daemon's images, and the pulls of those that are missing: one pull of an image at a time, however many wait for it. */
export class ImageStore {
  readonly #options: ImageStoreOptions;
  readonly #closing = new AbortController();
  readonly #listeners = new Set<OnPull>();
  readonly #pulls = new Map<string, Promise<void>>();
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
    const listener = onPull && ((progress: PullProgress) => progress.image === image && onPull(progress));
    if (listener !== undefined) this.#listeners.add(listener);
    const key = `${image} ${platform ?? ''}`;
    const running = this.#pulls.get(key) ?? this.#start(key, image, platform);
    try {
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => reject(signal.reason);
        signal.addEventListener('abort', onAbort, { once: true });
        running.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
      });
    } finally {
      if (listener !== undefined) this.#listeners.delete(listener);
    }
  }

  /** Pulls that run, and the last one of each image. */
  pulls(): readonly PullProgress[] {
    return [...this.#progress.values()];
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The Docker runtime is closed'));
    await Promise.allSettled(this.#pulls.values());
  }

  #start(key: string, image: string, platform: string | undefined): Promise<void> {
    const pull = this.#pull(image, platform).finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    // Whoever waits hears of it; nobody may.
    pull.catch(() => {});
    return pull;
  }

  async #pull(image: string, platform: string | undefined): Promise<void> {
    const meter = new PullMeter(image);
    try {
      this.#report(meter.progress('pulling'));
      await this.#readPull(image, platform, meter);
      if (meter.error !== undefined) throw new Error(meter.error);
      this.#report(meter.progress('done'));
    } catch (error) {
      const failure = this.#closing.signal.aborted ? error : pullError(image, error);
      this.#report(meter.progress('failed', failure instanceof Error ? failure.message : String(failure)));
      throw failure;
    }
  }

  async #readPull(image: string, platform: string | undefined, meter: PullMeter): Promise<void> {
    const { client, clock, stallMs } = this.#options;
    const attempt = new AbortController();
    const signal = AbortSignal.any([attempt.signal, this.#closing.signal]);
    const stalled = (): void =>
      attempt.abort(new DockerError('daemon_timeout', `The pull of ${image} made no progress for ${stallMs} ms`));
    let cancelStall = clock.after(stallMs, stalled);
    let reportedAt = clock.now();
    try {
      const stream = await client.stream(
        `pull the image ${image}`,
        (docker, abortSignal) =>
          docker.createImage({
            fromImage: withTag(image),
            ...(platform === undefined ? {} : { platform }),
            abortSignal,
          }),
        { signal, timeoutMs: stallMs },
      );
      for await (const message of jsonLines(stream)) {
        cancelStall();
        cancelStall = clock.after(stallMs, stalled);
        meter.add(message);
        if (clock.now() - reportedAt < reportMs) continue;
        reportedAt = clock.now();
        this.#report(meter.progress('pulling'));
      }
      signal.throwIfAborted();
    } finally {
      cancelStall();
    }
  }

  #report(progress: PullProgress): void {
    this.#progress.set(progress.image, progress);
    this.#options.onPull(progress);
    for (const listener of this.#listeners) listener(progress);
  }
}

/** Without a tag or digest Docker would pull every tag there is. */
export function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

/** A daemon that is away says so; anything else means that there is no such image to be had. */
function pullError(image: string, error: unknown): DockerError {
  if (error instanceof DockerError && error.code !== 'daemon_refused') return error;
  const words = error instanceof DockerError ? daemonWords(error.cause) : daemonWords(error);
  const platform = /no match(ing manifest)? for platform|no matching manifest/i.test(words);
  return new DockerError(
    platform ? 'wrong_platform' : 'image_missing',
    `The image ${image} is not on this machine and cannot be pulled: ${words}`,
    { cause: error, option: 'image' },
  );
}

function describe({ Id, Architecture, Size, Created, RepoDigests }: Docker.ImageInspectInfo): LocalImage {
  const digests = (RepoDigests ?? []).map((digest) => digest.slice(digest.indexOf('@') + 1));
  return { id: Id, architecture: Architecture, sizeBytes: Size, createdAt: Date.parse(Created), digests };
}
