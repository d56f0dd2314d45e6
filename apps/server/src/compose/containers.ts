import { aceVariants, parameterFault, parseBytes, variantFor } from '@acestream-orchestrator/engine-orchestrator/ace';
import type {
  ContainerSpec,
  ContainerSummary,
  DockerRuntime,
  MadeContainer,
} from '@acestream-orchestrator/engine-orchestrator/docker';
import { ApiError } from '../api-error.ts';
import type { Config } from '../config/config.ts';
import { imageSettings } from '../config/container-settings.ts';
import {
  type CustomVariantConfig,
  type CustomVariantState,
  customVariantDocument,
  savedCustomVariant,
} from '../custom-variant-config.ts';
import type { Log } from '../log.ts';
import type { Storage } from '../storage/storage.ts';
import { notManaged, toApiError } from './docker-api-error.ts';
import { engineSpec } from './docker-engines.ts';

/** Time an engine gets to end by itself. */
const stopGraceMs = 5_000;

export interface ContainersOptions {
  /** Undefined when engines are not made here. */
  readonly runtime: DockerRuntime | undefined;
  readonly config: Config;
  readonly storage: Storage;
  readonly log: Log;
  /** Empties an engine of the pool and removes it; false for any other container. */
  readonly removeEngine: (id: string) => Promise<boolean>;
  /** Engines are made from something else from now on. */
  readonly reconfigured: () => void;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  readonly text: string;
  /** Unix milliseconds. */
  readonly at?: number;
}

/** The containers of this installation, and what its engines are made from. Rejects with {@link ApiError}s. */
export class Containers {
  readonly #options: ContainersOptions;

  constructor(options: ContainersOptions) {
    this.#options = options;
  }

  /** What Docker knows of it. Rejects with `container_not_found`. */
  async inspect(id: string): Promise<Readonly<Record<string, unknown>>> {
    const info = await this.#ask((runtime, signal) => runtime.inspect(id, { signal }));
    if (info === undefined) throw notFound(id);
    return info;
  }

  /** Ends and removes it. Rejects with `container_not_found`. */
  async remove(id: string): Promise<string> {
    const { Id } = await this.inspect(id);
    const fullId = String(Id);
    if (await this.#options.removeEngine(fullId)) return fullId;
    await this.#ask(async (runtime, signal) => {
      await runtime.stop(fullId, { signal, graceMs: stopGraceMs });
      await runtime.remove(fullId, { signal });
    });
    return fullId;
  }

  async *logs(
    id: string,
    options: { readonly tail: number; readonly since?: number; readonly follow: boolean; readonly signal: AbortSignal },
  ): AsyncGenerator<LogLine> {
    await this.inspect(id);
    const { runtime } = this.#options;
    if (runtime === undefined) return;
    try {
      yield* runtime.logs(id, options);
    } catch (error) {
      if (!options.signal.aborted) throw toApiError(error);
    }
  }

  async byLabel(key: string, value: string): Promise<readonly ContainerSummary[]> {
    return (await this.#ask((runtime, signal) => runtime.containers({ signal, label: [key, value] }))) ?? [];
  }

  /** Makes a container that is no engine. Rejects with `not_managed` when containers are not made here. */
  async run(spec: ContainerSpec): Promise<MadeContainer> {
    const made = await this.#ask((runtime, signal) => runtime.run(spec, { signal }));
    if (made === undefined) throw notManaged();
    return made;
  }

  /** Why an engine does not serve, for a message; undefined when nothing is known. */
  async diagnose(id: string): Promise<string | undefined> {
    return (await this.#ask((runtime, signal) => runtime.diagnose(id, { signal })))?.message;
  }

  customVariant(): CustomVariantState {
    return savedCustomVariant(this.#options.storage.document(customVariantDocument));
  }

  /** Saves it; engines that are made from now on are made from it. Nothing changes when it is not good. */
  async setCustomVariant(state: CustomVariantState): Promise<CustomVariantState> {
    this.checkCustomVariant(state);
    await this.#options.storage.saveDocuments({ [customVariantDocument]: state });
    this.customVariantSaved();
    return state;
  }

  /** Throws as {@link setCustomVariant} rejects when it is not good. */
  checkCustomVariant(state: CustomVariantState): void {
    const { config, log } = this.#options;
    const custom = readCustomVariant(state);
    checked(() => engineSpec(config, custom, log));
  }

  /** Engines that are made from now on follow the settings as they are now. */
  settingsChanged(names: readonly string[]): void {
    if (names.some((name) => imageSettings.has(name))) this.customVariantSaved();
  }

  /** Engines that are made from now on are made from what is saved now. */
  customVariantSaved(): void {
    const { runtime, config, log } = this.#options;
    try {
      runtime?.configure(engineSpec(config, readCustomVariant(this.customVariant()), log));
      this.#options.reconfigured();
    } catch (error) {
      log.error({ err: error }, 'engines are made as before, because these settings do not fit together');
    }
  }

  /** The daemon's processor, and the variant that fits it. */
  async platform(): Promise<{ readonly architecture: string; readonly variant: string | undefined }> {
    const architecture =
      (await this.#ask(async (runtime, signal) => (await runtime.daemon({ signal })).architecture)) ??
      nodeArchitectures[process.arch] ??
      process.arch;
    const fits = Object.values(aceVariants).some(({ architectures }) => architectures.includes(architecture));
    return { architecture, variant: fits ? variantFor(architecture) : undefined };
  }

  async #ask<T>(call: (runtime: DockerRuntime, signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    const { runtime } = this.#options;
    if (runtime === undefined) return undefined;
    try {
      // Every call of the runtime has its own time limit.
      return await call(runtime, new AbortController().signal);
    } catch (error) {
      throw toApiError(error);
    }
  }
}

/** Checks what the schema cannot. Throws an {@link ApiError} `bad_input`. */
export function readCustomVariant(state: CustomVariantState): CustomVariantConfig {
  const faults = state.parameters.flatMap((parameter) => {
    const fault = parameterFault(parameter);
    return fault === undefined ? [] : [`The parameter ${parameter.name} ${fault}.`];
  });
  const memoryBytes = state.memory_limit === null ? 0 : parseBytes(state.memory_limit);
  if (memoryBytes === undefined) faults.push(`The memory_limit "${state.memory_limit}" is no size such as 800MB.`);
  if (state.enabled && state.image === '') faults.push('An image is needed.');
  if (faults.length > 0) throw new ApiError(400, 'bad_input', faults.join(' '));
  const { memory_limit: _limit, platform, ...rest } = state;
  return { ...rest, platform: platform ?? undefined, memoryBytes: memoryBytes ?? 0 };
}

function checked<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new ApiError(400, 'bad_input', `${(error as Error).message}.`, { cause: error });
  }
}

/** Docker's names for what Node calls otherwise. */
const nodeArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };

function notFound(id: string): ApiError {
  return new ApiError(404, 'container_not_found', `There is no container ${id} of this installation.`);
}
