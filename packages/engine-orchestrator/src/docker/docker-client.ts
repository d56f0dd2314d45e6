import { readFile } from 'node:fs/promises';
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import Docker from 'dockerode';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import { type DaemonAddress, formatAddress } from './daemon-address.ts';
import { daemonError } from './daemon-answer.ts';
import { DockerError } from './docker-error.ts';

export interface DockerClientOptions {
  readonly address: DaemonAddress;
  readonly clock: Clock;
  /** Time limit of a call. */
  readonly timeoutMs: number;
  /** What its errors call the options that mend them. */
  readonly optionNames?: Parameters<DockerError['named']>[0];
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Default the client's. */
  readonly timeoutMs?: number;
}

/**
 * The daemon's HTTP API. Every call has a time limit, a connection of its own, and rejects with a {@link DockerError}
 * or with the signal's reason.
 */
export class DockerClient {
  readonly address: DaemonAddress;
  readonly #options: DockerClientOptions;
  #docker: Promise<Docker> | undefined;

  constructor(options: DockerClientOptions) {
    this.address = options.address;
    this.#options = options;
  }

  /** Runs `call` with the daemon's client. `attempt` completes "Docker refused to …". */
  async call<T>(
    attempt: string,
    call: (docker: Docker, signal: AbortSignal) => Promise<T>,
    { signal, timeoutMs = this.#options.timeoutMs }: CallOptions = {},
  ): Promise<T> {
    try {
      return await limitTime(async (limit) => call(await this.#connect(), limit), {
        clock: this.#options.clock,
        ms: timeoutMs,
        signal,
        timeoutReason: () =>
          new DockerError(
            'daemon_timeout',
            `Could not ${attempt}: Docker at ${formatAddress(this.address)} gave no answer within ${timeoutMs} ms`,
          ),
      });
    } catch (error) {
      signal?.throwIfAborted();
      const failure = error instanceof DockerError ? error : await daemonError(error, attempt, this.address);
      throw failure.named(this.#options.optionNames ?? {});
    }
  }

  /**
   * Opens an answer that goes on. Only its beginning has the time limit; the signal ends it at any time, with an error
   * on the stream.
   */
  async stream(
    attempt: string,
    open: (docker: Docker, signal: AbortSignal) => Promise<NodeJS.ReadableStream>,
    options: CallOptions = {},
  ): Promise<Readable> {
    // The limit's signal aborts only while the answer has not begun.
    const stream = (await this.call(attempt, open, options)) as Readable;
    // Without a listener an error of the socket would be thrown; whoever reads hears of it all the same.
    stream.on('error', () => {});
    const end = (): void => void stream.destroy(asError(options.signal?.reason));
    options.signal?.addEventListener('abort', end, { once: true });
    stream.once('close', () => options.signal?.removeEventListener('abort', end));
    if (options.signal?.aborted) end();
    return stream;
  }

  #connect(): Promise<Docker> {
    this.#docker ??= connect(this.address);
    // Certificates may be mended while this process runs.
    this.#docker.catch(() => (this.#docker = undefined));
    return this.#docker;
  }
}

async function connect(address: DaemonAddress): Promise<Docker> {
  if (address.kind === 'unix') {
    return client({
      protocol: 'http',
      socketPath: address.socketPath,
      agent: unredirected(new HttpAgent({ keepAlive: false })),
    });
  }
  const { host, port, certPath, verify } = address;
  if (certPath === undefined) {
    return client({ protocol: 'http', host, port, agent: unredirected(new HttpAgent({ keepAlive: false })) });
  }
  // As the docker command has it: a daemon that asks nobody for a certificate needs none.
  const [ca, cert, key] = await Promise.all([
    readPem(certPath, 'ca.pem', verify !== false),
    readPem(certPath, 'cert.pem', false),
    readPem(certPath, 'key.pem', false),
  ]);
  const agent = unredirected(new HttpsAgent({ keepAlive: false, rejectUnauthorized: verify !== false }));
  return client({ protocol: 'https', host, port, ca, cert, key, agent });
}

/**
 * With these options and no others: dockerode would fill in the rest from the environment, and would read the
 * certificates that it finds named there at once, all of them or none.
 */
function client(options: Readonly<Record<string, unknown>>): Docker {
  const host = process.env['DOCKER_HOST'];
  delete process.env['DOCKER_HOST'];
  try {
    return new Docker({ socketPath: undefined, ...options } as Docker.DockerOptions);
  } finally {
    if (host !== undefined) process.env['DOCKER_HOST'] = host;
  }
}

interface Requests {
  addRequest(request: ClientRequest, ...rest: unknown[]): void;
}

/**
 * No daemon redirects what it was asked rightly. dockerode would follow that to any host, without these options, and an
 * error there has no listener: it would end the process. So it does not get to see where to.
 */
function unredirected(agent: HttpAgent): HttpAgent {
  const requests = agent as unknown as Requests;
  const { addRequest } = requests;
  requests.addRequest = (request, ...rest) => {
    request.prependOnceListener('response', ({ headers }: IncomingMessage) => void delete headers.location);
    addRequest.call(agent, request, ...rest);
  };
  return agent;
}

async function readPem(folder: string, file: string, isNeeded: boolean): Promise<Buffer | undefined> {
  const path = join(folder, file);
  try {
    return await readFile(path);
  } catch (cause) {
    if (!isNeeded && (cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new DockerError('daemon_forbidden', `The certificate ${path} for the Docker daemon cannot be read`, {
      cause,
      option: 'certPath',
    });
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
