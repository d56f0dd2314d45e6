import type Docker from 'dockerode';
import type { RuntimeEngine } from '../runtime/engine-runtime.ts';
import { instanceLabel, labelledPorts } from './container-labels.ts';
import type { DockerClient } from './docker-client.ts';
import { isEngine, listedEngine } from './engine-listing.ts';
import type { ImageStore } from './image-store.ts';
import type { OwnedContainers } from './owned-containers.ts';
import type { ListingPlan } from './planner.ts';
import type { PortLedger } from './port-ledger.ts';
import type { StartTimes } from './start-times.ts';

export interface EngineListOptions {
  readonly client: DockerClient;
  readonly containers: OwnedContainers;
  readonly startTimes: StartTimes;
  readonly ledger: PortLedger;
  readonly images: Pick<ImageStore, 'find'>;
  readonly instance: string;
  readonly prefix: string;
}

/** Lists the containers of the instance, and takes their ports into the books. */
export class EngineList {
  readonly #options: EngineListOptions;
  /** Where engines answered when that was last known. */
  readonly #addresses = new Map<string, { readonly host: string; readonly port: number }>();

  constructor(options: EngineListOptions) {
    this.#options = options;
  }

  addressOf(engineId: string): { readonly host: string; readonly port: number } | undefined {
    return this.#addresses.get(engineId);
  }

  async read({ only, keepsImageNames, ...plan }: ListingPlan, signal: AbortSignal): Promise<readonly RuntimeEngine[]> {
    const { client, containers, startTimes, ledger, instance, prefix } = this.#options;
    const turn = ledger.beginListing();
    const filters = { label: [`${instanceLabel}=${instance}`], ...(only === undefined ? {} : { id: [only] }) };
    const infos: readonly Docker.ContainerInfo[] = await client.call(
      'list the engines',
      (docker, abortSignal) => docker.listContainers({ all: true, filters, abortSignal }),
      { signal },
    );
    for (const { Id } of infos) containers.note(Id);
    if (only === undefined) {
      ledger.sync(turn, new Map(infos.map(({ Id, Labels }) => [Id, labelledPorts(Labels)])));
      startTimes.keep(new Set(infos.map(({ Id }) => Id)));
    }
    const engines = infos.filter((info) => isEngine(info, instance));
    const imageIds = keepsImageNames ? await this.#imageIds(engines, signal) : undefined;
    const listed = await Promise.all(
      engines.map(async (info) => {
        const startedAt = info.State === 'running' ? await startTimes.of(info.Id, signal) : undefined;
        return this.#withAddress(listedEngine({ info, startedAt }, { ...plan, imageIds, instance, prefix }));
      }),
    );
    if (only === undefined) this.#forgetAllBut(new Set(engines.map(({ Id }) => Id)));
    return listed;
  }

  async #imageIds(engines: readonly Docker.ContainerInfo[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { images, prefix } = this.#options;
    const names = new Set(engines.flatMap(({ Labels }) => Labels[`${prefix}.image`] ?? []));
    const found = await Promise.all(
      [...names].map(async (name) => [name, (await images.find(name, signal))?.id] as const),
    );
    return new Map(found.flatMap(([name, id]) => (id === undefined ? [] : [[name, id] as const])));
  }

  /** One whose address cannot be told just now has the one it had. */
  #withAddress({ address, ...engine }: ReturnType<typeof listedEngine>): RuntimeEngine {
    if (address !== undefined) this.#addresses.set(engine.id, address);
    return { ...engine, ...(address ?? this.#addresses.get(engine.id) ?? {}) };
  }

  #forgetAllBut(ids: ReadonlySet<string>): void {
    for (const id of this.#addresses.keys()) if (!ids.has(id)) this.#addresses.delete(id);
  }
}
