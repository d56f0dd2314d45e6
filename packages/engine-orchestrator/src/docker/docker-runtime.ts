import type Docker from 'dockerode';
import type {
  EngineRequest,
  RuntimeEngine,
  RuntimeEvent,
  RuntimeLogLine,
  RuntimeProgress,
  RuntimeStats,
} from '../runtime/engine-runtime.ts';
import { instanceLabel } from './container-labels.ts';
import { ContainerMaker, type MadeContainer } from './container-maker.ts';
import { type ContainerSpec, type ContainerSpecOf, checkSpec, type DaemonFacts } from './container-spec.ts';
import { type ContainerSummary, summarise } from './container-summary.ts';
import type { Abortable, DockerRuntime } from './contract.ts';
import { DaemonInfoReader } from './daemon-info.ts';
import { diagnose } from './diagnose.ts';
import { DockerClient } from './docker-client.ts';
import { DockerError } from './docker-error.ts';
import { type DockerRuntimeOptions, type DockerSettings, readDockerOptions } from './docker-options.ts';
import { EngineList } from './engine-list.ts';
import { EventFeed } from './event-feed.ts';
import type { ImageState } from './image-state.ts';
import { ImageStore } from './image-store.ts';
import { Images } from './images.ts';
import { NameLedger } from './name-ledger.ts';
import type { SharedNetwork } from './network-facts.ts';
import { type LogOptions, OwnedContainers } from './owned-containers.ts';
import { type CurrentPlan, Planner } from './planner.ts';
import { PortAllocator } from './port-allocator.ts';
import type { PullProgress } from './pull-progress.ts';
import { reach } from './reach.ts';
import { StartTimes } from './start-times.ts';
import { StatsReader } from './stats-reader.ts';

/**
 * A runtime whose engines are containers. `create` also starts them. Throws a TypeError or RangeError for options that
 * can never work; that Docker can be reached shows at the first call.
 */
export function dockerRuntime(options: DockerRuntimeOptions): DockerRuntime {
  return new Runtime(readDockerOptions(options));
}

class Runtime implements DockerRuntime {
  readonly kind = 'docker';
  readonly canProvision = true;
  readonly #settings: DockerSettings;
  readonly #client: DockerClient;
  readonly #info: DaemonInfoReader;
  readonly #planner: Planner;
  readonly #containers: OwnedContainers;
  readonly #images: Images;
  readonly #ports: PortAllocator;
  readonly #maker: ContainerMaker;
  readonly #list: EngineList;
  readonly #stats: StatsReader;
  readonly #events: EventFeed;
  readonly #closing = new AbortController();

  constructor(settings: DockerSettings) {
    const { instance, name, clock, connection, timeoutMs, pullStallMs, ports, onPull } = settings;
    const { imageCheckMs: checkMs, onImage, logins } = settings;
    this.#settings = settings;
    const client = new DockerClient({ address: connection, clock, timeoutMs, optionNames: settings.optionNames });
    this.#client = client;
    this.#info = new DaemonInfoReader(client);
    this.#planner = new Planner({ client, info: this.#info, settings });
    this.#containers = new OwnedContainers({ client, instance });
    const store = new ImageStore({ client, clock, logins, stallMs: pullStallMs, onPull });
    this.#images = new Images({ client, clock, logins, store, planner: this.#planner, checkMs, onImage });
    this.#ports = new PortAllocator({ range: ports, clock });
    const startTimes = new StartTimes(this.#containers);
    this.#list = new EngineList({
      client,
      containers: this.#containers,
      startTimes,
      ledger: this.#ports.ledger,
      images: store,
      instance,
      prefix: name,
    });
    this.#maker = new ContainerMaker({
      client,
      containers: this.#containers,
      images: store,
      ports: this.#ports,
      names: new NameLedger(name),
      instance,
      prefix: name,
    });
    this.#stats = new StatsReader(client, clock);
    this.#events = new EventFeed({
      client,
      startTimes,
      instance,
      sharedName: () => this.#planner.sharedName,
    });
  }

  list({ signal }: Abortable): Promise<readonly RuntimeEngine[]> {
    return this.#named(async () => {
      const engines = await this.#list.read(await this.#planner.forListing(signal), signal);
      this.#images.engineCount(engines.length);
      return engines;
    });
  }

  create(
    request: EngineRequest,
    options: Abortable & { readonly onProgress?: (progress: RuntimeProgress) => void },
  ): Promise<RuntimeEngine> {
    return this.#named(() => this.#create(request, options));
  }

  async #create(
    request: EngineRequest,
    { signal, onProgress }: Abortable & { readonly onProgress?: (progress: RuntimeProgress) => void },
  ): Promise<RuntimeEngine> {
    const plan = await this.#planner.forCreating(signal);
    const made = await this.#maker.make({
      ...plan,
      spec: withRequest(plan.spec, request),
      port: request.port,
      role: 'engine',
      signal,
      onPull: onProgress === undefined ? undefined : (progress) => onProgress(describePull(progress)),
    });
    return this.#checked(await this.#describeMade(made, plan, signal), signal);
  }

  async run(spec: ContainerSpec, { signal }: Abortable): Promise<MadeContainer> {
    checkSpec(spec);
    return this.#named(async () => {
      const plan = await this.#planner.forCreating(signal);
      return this.#maker.make({ ...plan, spec, configHash: 'none', role: 'other', signal });
    });
  }

  start(engineId: string, { signal }: Abortable): Promise<void> {
    return this.#containers.start(engineId, signal);
  }

  stop(engineId: string, { signal, graceMs }: Abortable & { readonly graceMs: number }): Promise<void> {
    return this.#containers.stop(engineId, graceMs, signal);
  }

  async remove(engineId: string, { signal }: Abortable): Promise<void> {
    await this.#containers.remove(engineId, signal);
    this.#ports.ledger.releaseContainer(engineId);
  }

  async inspect(engineId: string, { signal }: Abortable): Promise<Readonly<Record<string, unknown>> | undefined> {
    const info = await this.#containers.inspect(engineId, signal);
    return info === undefined ? undefined : { ...info };
  }

  stats(engineIds: readonly string[], { signal }: Abortable): Promise<ReadonlyMap<string, RuntimeStats>> {
    return this.#stats.read(engineIds, signal);
  }

  logs(engineId: string, options: LogOptions): AsyncIterable<RuntimeLogLine> {
    return this.#containers.logs(engineId, options);
  }

  events({ signal }: Abortable): AsyncIterable<RuntimeEvent> {
    return this.#events.open(AbortSignal.any([signal, this.#closing.signal]));
  }

  configure(spec: ContainerSpecOf): void {
    this.#planner.configure(spec);
    this.#events.wake();
  }

  spec({ signal }: Abortable): Promise<ContainerSpec> {
    return this.#planner.spec(signal);
  }

  async daemon({ signal }: Abortable): Promise<DaemonFacts> {
    const { architecture, version, name } = await this.#info.read(signal);
    return { architecture, version, name };
  }

  sharedNetwork(): SharedNetwork | undefined {
    return this.#planner.shared;
  }

  async containers({
    signal,
    label,
  }: Abortable & { readonly label?: readonly [key: string, value: string] }): Promise<readonly ContainerSummary[]> {
    const labels = [`${instanceLabel}=${this.#settings.instance}`, ...(label === undefined ? [] : [label.join('=')])];
    const infos: readonly Docker.ContainerInfo[] = await this.#client.call(
      'list the containers',
      (docker, abortSignal) => docker.listContainers({ all: true, filters: { label: labels }, abortSignal }),
      { signal },
    );
    return infos.map(summarise);
  }

  images({ signal }: Abortable): Promise<readonly ImageState[]> {
    return this.#images.states(signal);
  }

  image(image: string | undefined, { signal }: Abortable): Promise<ImageState> {
    return this.#images.state(image, signal);
  }

  checkImage(image: string | undefined, { signal }: Abortable): Promise<ImageState> {
    return this.#named(() => this.#images.check(image, signal));
  }

  async pull(image: string, { signal }: Abortable): Promise<void> {
    await this.#named(() => this.#images.pull(image, signal));
    this.#events.wake();
  }

  cancelPull(image: string): Promise<boolean> {
    return this.#images.cancelPull(image);
  }

  async diagnose(engineId: string, { signal }: Abortable): Promise<DockerError | undefined> {
    const info = await this.#containers.inspect(engineId, signal);
    if (info === undefined) return undefined;
    const log = [];
    for await (const line of this.#containers.logs(info.Id, { signal, tail: 50 })) log.push(line);
    const address = this.#list.addressOf(info.Id);
    const { clock, optionNames } = this.#settings;
    const found =
      address !== undefined && info.State.Running
        ? await reach(address.host, address.port, { clock, signal, timeoutMs: glanceMs })
        : 'silent';
    return diagnose({ info, log, address, reach: found }).named(optionNames);
  }

  async prune({ signal }: Abortable): Promise<number> {
    const filters = { dangling: ['true'], label: [`${instanceLabel}=${this.#settings.instance}`] };
    const { Volumes: orphans } = await this.#client.call(
      'list the volumes',
      (docker, abortSignal) => docker.listVolumes({ filters, abortSignal }),
      { signal },
    );
    const removals = (orphans ?? []).map(({ Name }) =>
      this.#client.call(
        `remove the volume ${Name}`,
        (docker, abortSignal) => docker.getVolume(Name).remove({ abortSignal }),
        { signal },
      ),
    );
    const results = await Promise.allSettled(removals);
    signal.throwIfAborted();
    return results.filter(({ status }) => status === 'fulfilled').length;
  }

  async close(): Promise<void> {
    this.#closing.abort(new Error('The Docker runtime is closed'));
    await this.#images.close();
  }

  /** A new container that has ended already, or that cannot be reached, is removed again; the error says why. */
  async #checked(engine: RuntimeEngine, signal: AbortSignal): Promise<RuntimeEngine> {
    const { host, port, id } = engine;
    const { clock } = this.#settings;
    try {
      if (engine.running && (await reach(host, port, { clock, signal })) !== 'silent') return engine;
      throw (await this.diagnose(id, { signal })) ?? removedAtOnce(engine.name);
    } catch (error) {
      // Not by the signal of a caller who is gone: nothing is left behind.
      await this.remove(id, { signal: AbortSignal.timeout(removeTimeoutMs) }).catch(() => {});
      throw error;
    }
  }

  /** Errors name the settings that mend them as people know them. */
  async #named<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      throw error instanceof DockerError ? error.named(this.#settings.optionNames) : error;
    }
  }

  /** As a listing would show it. A container that is gone already was made all the same. */
  async #describeMade(made: MadeContainer, plan: CurrentPlan, signal: AbortSignal): Promise<RuntimeEngine> {
    const engines = await this.#list.read({ ...plan, only: made.id }, signal);
    const [engine] = engines;
    if (engine !== undefined) return engine;
    throw removedAtOnce(made.name);
  }
}

/** For a look at an engine that is to go, which has had its time. */
const glanceMs = 2_000;

/** How long the removal of a container may take that nobody waits for. */
const removeTimeoutMs = 60_000;

function removedAtOnce(name: string): DockerError {
  return new DockerError('engine_exited', `${name} was removed as soon as it was made`);
}

function withRequest(spec: ContainerSpec, { labels, env }: EngineRequest): ContainerSpec {
  const own = spec.env ?? {};
  return {
    ...spec,
    labels: { ...spec.labels, ...labels },
    ...(env === undefined
      ? {}
      : { env: typeof own === 'function' ? (ports) => ({ ...own(ports), ...env }) : { ...own, ...env } }),
  };
}

function describePull({ image, layers, layersDone, bytes, totalBytes }: PullProgress): RuntimeProgress {
  return { message: `pulling ${image}: ${layersDone} of ${layers} layers`, bytes, totalBytes };
}
