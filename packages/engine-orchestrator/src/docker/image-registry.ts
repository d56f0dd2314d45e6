import type { Clock } from '../time/clock.ts';
import { daemonWords } from './daemon-answer.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { pinnedDigest, withTag } from './image-name.ts';
import { deniedError, type RegistryAccess, registryAccess } from './registry-access.ts';
import { registryFault } from './registry-fault.ts';
import type { RegistryLogins } from './registry-login.ts';

/** What the registry said the last time that it was asked about an image. */
export interface ImageCheck {
  /** Unix milliseconds of the last try. */
  readonly at: number;
  /** What the registry has by that name, `sha256:…`, as last known. */
  readonly digest: string | undefined;
  /** Why the last try was in vain; undefined when it was not. */
  readonly error: DockerError | undefined;
}

export interface ImageRegistryOptions {
  readonly client: DockerClient;
  readonly clock: Clock;
  readonly logins: RegistryLogins;
}

/** A registry far away may be slow; daemons themselves give up after 15 s or so, more than once. */
const checkTimeoutMs = 60_000;

/** What registries have, asked through the daemon: nothing is downloaded. */
export class ImageRegistry {
  readonly #options: ImageRegistryOptions;
  readonly #checks = new Map<string, ImageCheck>();

  constructor(options: ImageRegistryOptions) {
    this.#options = options;
  }

  /** The last check of it by this process. */
  last(image: string): ImageCheck | undefined {
    return this.#checks.get(withTag(image));
  }

  /** Asks which image has that name now. What was known stays known when that fails. */
  async check(image: string, signal: AbortSignal): Promise<void> {
    const name = withTag(image);
    const pinned = pinnedDigest(name);
    if (pinned !== undefined) return this.#keep(name, pinned, undefined);
    const { logins, clock } = this.#options;
    const access = await registryAccess(image, { logins, clock, signal });
    try {
      this.#keep(name, await this.#ask(name, access, signal), undefined);
    } catch (error) {
      signal.throwIfAborted();
      const failure = checkError(image, error, access);
      // What the daemon is to blame for says nothing of the registry.
      if (failure instanceof DockerError && !failure.unavailable) this.#keep(name, this.last(name)?.digest, failure);
      throw failure;
    }
  }

  #keep(name: string, digest: string | undefined, error: DockerError | undefined): void {
    this.#checks.set(name, Object.freeze({ at: this.#options.clock.wallNow(), digest, error }));
  }

  async #ask(name: string, { auth }: RegistryAccess, signal: AbortSignal): Promise<string> {
    const answer = await this.#options.client.call(
      `look for ${name} at its registry`,
      // dockerode's own call cannot be aborted.
      (docker, abortSignal) =>
        new Promise<unknown>((resolve, reject) => {
          const request = {
            path: `/distribution/${name}/json`,
            method: 'GET',
            authconfig: auth,
            abortSignal,
            statusCodes: { 200: true },
          };
          docker.modem.dial(request, (error: unknown, data: unknown) => (error ? reject(error) : resolve(data)));
        }),
      { signal, timeoutMs: checkTimeoutMs },
    );
    const { Descriptor: descriptor } = answer as { readonly Descriptor?: { readonly digest?: unknown } };
    if (typeof descriptor?.digest === 'string') return descriptor.digest;
    throw new DockerError('daemon_refused', `Docker said of ${name} at its registry only ${JSON.stringify(answer)}`);
  }
}

function checkError(image: string, error: unknown, access: RegistryAccess): unknown {
  if (!(error instanceof DockerError)) return error;
  const attempt = `The registry cannot be asked for the newest ${image}`;
  if (error.code === 'daemon_timeout') {
    return new DockerError('registry_unreachable', `${attempt}: it gave no answer within ${checkTimeoutMs} ms`, {
      cause: error,
    });
  }
  if (error.code !== 'daemon_refused' || error.status === undefined) return error;
  if (isUnknownRoute(error)) {
    return new DockerError(
      'check_unsupported',
      `${attempt}: Podman, or what is in front of this daemon, does not let that through; a pull finds out`,
      {
        cause: error,
      },
    );
  }
  const code = registryFault(error) ?? 'daemon_refused';
  const message = `${attempt}: ${daemonWords(error.cause)}`;
  const options = { cause: error, status: error.status };
  if (code === 'registry_denied') return deniedError(message, access, options);
  return new DockerError(code, message, { ...options, option: code === 'image_missing' ? 'image' : undefined });
}

/** A daemon that knows the route answers with a message of its own, even when there is no such image. */
function isUnknownRoute({ status = 0, cause }: DockerError): boolean {
  const { json } = cause as { readonly json?: { readonly message?: unknown } | null };
  const message = typeof json?.message === 'string' ? json.message : '';
  return status < 500 && (message === '' || message === 'page not found');
}
