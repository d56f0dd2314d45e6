import type { Readable } from 'node:stream';
import type Docker from 'dockerode';
import type { RuntimeLogLine } from '../runtime/engine-runtime.ts';
import { instanceLabel } from './container-labels.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { LogLines } from './log-lines.ts';

export interface OwnedContainersOptions {
  readonly client: DockerClient;
  readonly instance: string;
}

export interface LogOptions {
  readonly signal: AbortSignal;
  /** Lines from the end; default all. */
  readonly tail?: number;
  /** Unix milliseconds. */
  readonly since?: number;
  readonly follow?: boolean;
}

/**
 * Single containers of this instance. Names and ids that belong to anybody else are as good as unknown: nothing is ever
 * done to a container before its label was seen.
 */
export class OwnedContainers {
  readonly #client: DockerClient;
  readonly #instance: string;
  /** Full ids whose label was seen; a container's labels never change. */
  readonly #seen = new Set<string>();

  constructor({ client, instance }: OwnedContainersOptions) {
    this.#client = client;
    this.#instance = instance;
  }

  /** Its label was seen in a listing, or it was made here. */
  note(id: string): void {
    this.#seen.add(id);
  }

  /** What the daemon knows of a container of ours, by id, beginning of an id, or name. */
  async inspect(name: string, signal: AbortSignal): Promise<Docker.ContainerInspectInfo | undefined> {
    if (!isContainerName(name)) return undefined;
    try {
      const info = await this.#client.call(
        `inspect the container ${name}`,
        async (docker, abortSignal) =>
          (await docker.getContainer(name).inspect({ abortSignal })) as Docker.ContainerInspectInfo,
        { signal },
      );
      if (info.Config?.Labels?.[instanceLabel] !== this.#instance) return undefined;
      this.#seen.add(info.Id);
      return info;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  async start(name: string, signal: AbortSignal): Promise<void> {
    const id = await this.#idOf(name, signal);
    if (id === undefined) throw unknownContainer(name);
    await this.#call(`start the container ${name}`, 304, signal, (docker, abortSignal) =>
      docker.getContainer(id).start({ abortSignal }),
    );
  }

  async stop(name: string, graceMs: number, signal: AbortSignal): Promise<void> {
    const id = await this.#idOf(name, signal);
    if (id === undefined) return;
    await this.#call(
      `stop the container ${name}`,
      304,
      signal,
      (docker, abortSignal) => docker.getContainer(id).stop({ t: Math.ceil(graceMs / 1000), abortSignal }),
      graceMs + 30_000,
    );
  }

  /** Removes it with its anonymous volumes, running or not. */
  async remove(name: string, signal: AbortSignal): Promise<void> {
    const id = await this.#idOf(name, signal);
    if (id === undefined) return;
    // 409: somebody else is removing it.
    await this.#call(
      `remove the container ${name}`,
      409,
      signal,
      (docker, abortSignal) => docker.getContainer(id).remove({ force: true, v: true, abortSignal }),
      60_000,
    );
    this.#seen.delete(id);
  }

  async *logs(name: string, { signal, tail, since, follow = false }: LogOptions): AsyncGenerator<RuntimeLogLine> {
    const info = await this.inspect(name, signal);
    if (info === undefined) throw unknownContainer(name);
    const stream = await this.#client.stream(
      `read the log of ${name}`,
      (docker, abortSignal) => openLog(docker, info.Id, { tail, since, follow, abortSignal }),
      { signal },
    );
    const lines = new LogLines({ terminal: info.Config.Tty });
    try {
      for await (const chunk of stream) yield* lines.push(chunk as Buffer);
      yield* lines.finish();
    } catch (error) {
      signal.throwIfAborted();
      throw new DockerError('daemon_unreachable', `The log of ${name} broke off`, { cause: error });
    } finally {
      stream.destroy();
    }
  }

  async #idOf(name: string, signal: AbortSignal): Promise<string | undefined> {
    return this.#seen.has(name) ? name : (await this.inspect(name, signal))?.Id;
  }

  /** `harmless` is the status of an answer that means that there is nothing to do. */
  async #call(
    attempt: string,
    harmless: number,
    signal: AbortSignal,
    call: (docker: Docker, signal: AbortSignal) => Promise<unknown>,
    timeoutMs?: number,
  ): Promise<void> {
    try {
      await this.#client.call(attempt, call, { signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    } catch (error) {
      if (error instanceof DockerError && error.status === harmless) return;
      if (isGone(error) && !attempt.startsWith('start')) return;
      throw error;
    }
  }
}

/** Docker's own rule for names, which ids fit as well; nothing that could be a path, `..` least of all. */
function isContainerName(name: string): boolean {
  return /^[a-z0-9][\w.-]*$/i.test(name);
}

function isGone(error: unknown): boolean {
  return error instanceof DockerError && error.status === 404;
}

function unknownContainer(name: string): DockerError {
  return new DockerError('unknown_container', `There is no container ${name} of this instance`);
}

interface OpenLogOptions {
  readonly tail: number | undefined;
  readonly since: number | undefined;
  readonly follow: boolean;
  readonly abortSignal: AbortSignal;
}

/** dockerode reads a log that is not followed as a whole, and as JSON when it looks like that. */
function openLog(docker: Docker, id: string, { tail, since, follow, abortSignal }: OpenLogOptions): Promise<Readable> {
  const options = {
    stdout: true,
    stderr: true,
    timestamps: true,
    follow,
    ...(tail === undefined ? {} : { tail }),
    ...(since === undefined ? {} : { since: (since / 1000).toFixed(3) }),
  };
  const request = { path: `/containers/${id}/logs?`, method: 'GET', options, abortSignal, isStream: true };
  return new Promise((resolve, reject) => {
    docker.modem.dial({ ...request, statusCodes: { 200: true } }, (error: unknown, stream: unknown) =>
      error ? reject(error) : resolve(stream as Readable),
    );
  });
}
