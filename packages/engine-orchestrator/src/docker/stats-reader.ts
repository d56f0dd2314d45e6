import type Docker from 'dockerode';
import type { RuntimeStats } from '../runtime/engine-runtime.ts';
import type { Clock } from '../time/clock.ts';
import { pause } from '../time/pause.ts';
import type { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { type CpuSample, cpuSample, previousSample, readStats } from './read-stats.ts';

/** How far apart two samples are when there is none from before; the daemon's own way takes a whole second. */
const sampleGapMs = 150;
/** An older sample would tell of the past. */
const maxSampleAgeMs = 30_000;

/** Measures containers. The processor's share comes from this measurement and the one before, so it costs one call each. */
export class StatsReader {
  readonly #client: DockerClient;
  readonly #clock: Clock;
  readonly #samples = new Map<string, { readonly sample: CpuSample; readonly at: number }>();

  constructor(client: DockerClient, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** One measurement of each container that runs. */
  async read(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, RuntimeStats>> {
    const wanted = new Set(ids);
    for (const id of this.#samples.keys()) if (!wanted.has(id)) this.#samples.delete(id);
    const results = await Promise.all([...wanted].map(async (id) => [id, await this.#readOne(id, signal)] as const));
    return new Map(results.flatMap(([id, stats]) => (stats === undefined ? [] : [[id, stats] as const])));
  }

  async #readOne(id: string, signal: AbortSignal): Promise<RuntimeStats | undefined> {
    let stats = await this.#ask(id, signal);
    let before = this.#before(id) ?? (stats && previousSample(stats));
    if (stats !== undefined && before === undefined && isRunning(stats)) {
      before = cpuSample(stats);
      await pause(this.#clock, sampleGapMs, signal);
      stats = await this.#ask(id, signal);
    }
    const sample = stats && cpuSample(stats);
    if (stats === undefined || sample === undefined || !isRunning(stats)) {
      this.#samples.delete(id);
      return undefined;
    }
    this.#samples.set(id, { sample, at: this.#clock.now() });
    return readStats(stats, before);
  }

  #before(id: string): CpuSample | undefined {
    const known = this.#samples.get(id);
    return known !== undefined && this.#clock.now() - known.at <= maxSampleAgeMs ? known.sample : undefined;
  }

  async #ask(id: string, signal: AbortSignal): Promise<Docker.ContainerStats | undefined> {
    try {
      return await this.#client.call(
        `measure the container ${id}`,
        (docker, abortSignal) => {
          const options = { stream: false, 'one-shot': true, abortSignal } as const;
          return docker.getContainer(id).stats(options);
        },
        { signal },
      );
    } catch (error) {
      if (error instanceof DockerError && (error.status === 404 || error.status === 409)) return undefined;
      throw error;
    }
  }
}

/** Of a container that does not run the daemon measures nothing. */
function isRunning({ memory_stats: memory, cpu_stats: cpu }: Docker.ContainerStats): boolean {
  return (memory?.usage ?? 0) > 0 || (cpu?.system_cpu_usage ?? 0) > 0;
}
