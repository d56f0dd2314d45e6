import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openPlayout, resolveContentId } from '@acestream-orchestrator/engine-simulator';
import { type SimulatorProcess, spawnSimulator } from '@acestream-orchestrator/engine-simulator/testing';
import { httpSource, MpegTsProxy, type MpegTsProxyOptions, type RecoveryStats, SourceError } from '../src/index.ts';
import { NULL_PID, PACKET_BYTES, pidOf } from '../src/packet.ts';

/** Starts fast, so that a recovery is a matter of the proxy. */
const ENGINE_ARGS = ['--start-delay-ms', '50', '--burst-ms', '12000', '--lag-ms', '500'];

/** Engines of one swarm, each a process of its own, and an HTTP server that fans one of them out. */
export class Swarm implements AsyncDisposable {
  readonly contentId: string = '1'.repeat(40);
  readonly splices: RecoveryStats[] = [];
  readonly #args: readonly (readonly string[])[];
  readonly #engines: SimulatorProcess[] = [];
  readonly #proxy: MpegTsProxy;
  readonly #server = createServer((_request, response) => {
    this.#proxy.attach(this.contentId, response).catch(() => response.destroy());
  });

  private constructor(args: readonly (readonly string[])[], settings: Partial<MpegTsProxyOptions>) {
    this.#args = args;
    this.#proxy = new MpegTsProxy({
      open: (id, { signal, failed, beside }) => this.#open(id, signal, beside?.id ?? failed.at(-1)?.id),
      on: { spliced: (event) => void this.splices.push(event) },
      ...settings,
    });
  }

  /** @param args further command-line arguments, one list per engine */
  static async start(args: readonly (readonly string[])[], settings: Partial<MpegTsProxyOptions> = {}): Promise<Swarm> {
    const swarm = new Swarm(args, settings);
    for (let index = 0; index < args.length; index++) await swarm.#spawn(index);
    await new Promise<void>((resolve) => swarm.#server.listen(0, '127.0.0.1', resolve));
    return swarm;
  }

  async #spawn(index: number): Promise<void> {
    this.#engines[index] = await spawnSimulator({ args: [...ENGINE_ARGS, ...(this.#args[index] ?? [])] });
  }

  /** The first engine that answers and is not the one to avoid. */
  async #open(id: string, signal: AbortSignal, avoid: string | undefined): ReturnType<typeof httpSource> {
    const order = this.#engines
      .map((_, index) => index)
      .sort((a, b) => Number(`${a}` === avoid) - Number(`${b}` === avoid));
    let cause: unknown;
    for (const index of order) {
      try {
        const answer = await fetch(
          `${this.#engines[index]!.url}/ace/getstream?id=${id}&format=json&pid=${Math.random()}`,
          {
            signal,
          },
        );
        const { response } = (await answer.json()) as { response: { playback_url: string } };
        return await httpSource(response.playback_url, { signal, id: `${index}` });
      } catch (error) {
        cause = error;
      }
    }
    throw new SourceError('refused', 'unreachable', 'no engine answers', { cause });
  }

  get state(): string | undefined {
    return this.#proxy.stats(this.contentId)?.state;
  }

  /** The engine that plays. */
  get playing(): number {
    return Number(this.#proxy.stats(this.contentId)?.source);
  }

  async kill(index: number): Promise<void> {
    this.#engines[index]!.kill('SIGKILL');
    await this.#engines[index]!.exited;
  }

  /** Starts an engine that was killed again, without any memory. */
  async restart(index: number): Promise<void> {
    await this.#spawn(index);
  }

  /** Sets a fault of an engine's control API. */
  async fault(index: number, name: string, parameters: object = {}): Promise<void> {
    const answer = await fetch(`${this.#engines[index]!.controlUrl}/faults/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(parameters),
    });
    if (!answer.ok) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  }

  async clearFaults(index: number): Promise<void> {
    await fetch(`${this.#engines[index]!.controlUrl}/faults`, { method: 'DELETE' });
  }

  /** A client that keeps all it receives. */
  record(): Recording {
    return new Recording((this.#server.address() as AddressInfo).port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#proxy.close();
    this.#server.closeAllConnections();
    this.#server.close();
    await Promise.all(this.#engines.map((engine) => engine[Symbol.asyncDispose]()));
  }
}

export class Recording {
  readonly #chunks: Buffer[] = [];
  /** Whether the connection has ended; a player would have stopped. */
  ended = false;
  /** When each chunk came, by `performance.now()`. */
  readonly arrivals: { readonly atMs: number; readonly chunk: Buffer }[] = [];

  constructor(port: number) {
    const request = get({ port, host: '127.0.0.1', agent: false });
    request.on('error', () => {
      this.ended = true;
    });
    request.once('response', (response: IncomingMessage) => {
      response.on('data', (chunk: Buffer) => {
        this.#chunks.push(chunk);
        this.arrivals.push({ atMs: performance.now(), chunk });
      });
      response.on('error', () => {});
      response.once('close', () => {
        this.ended = true;
      });
    });
  }

  get bytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  /** What was received, without null packets. */
  media(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    const kept: Buffer[] = [];
    for (let at = 0; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) {
      if (pidOf(bytes, at) !== NULL_PID) kept.push(bytes.subarray(at, at + PACKET_BYTES));
    }
    return Buffer.concat(kept);
  }
}

/**
 * What a recording of a content should be, from where it starts: the simulator's own bytes for that span.
 *
 * @param start the recording's bytes behind the PAT and PMT that a join puts first
 */
export function referenceFor(contentId: string, start: Buffer, length: number): Buffer {
  const playout = openPlayout(resolveContentId(contentId)!);
  const window = 120_000;
  const from = playout.offsetAt(Date.now() - window);
  const near = Buffer.from(playout.read(from, playout.offsetAt(Date.now() + 5_000) - from));
  const place = near.indexOf(start.subarray(0, 20 * PACKET_BYTES));
  if (place < 0) throw new Error('the recording does not start with bytes of this content');
  return withoutNulls(Buffer.from(playout.read(from + place, length * 2))).subarray(0, length);
}

function withoutNulls(bytes: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) {
    if (pidOf(bytes, at) !== NULL_PID) kept.push(bytes.subarray(at, at + PACKET_BYTES));
  }
  return Buffer.concat(kept);
}
