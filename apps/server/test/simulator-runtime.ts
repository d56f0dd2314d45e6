import type { EngineRuntime, RuntimeEngine } from '@acestream-orchestrator/engine-orchestrator';
import { fakeRuntime } from '@acestream-orchestrator/engine-orchestrator/testing';
import { createEngine, type SimulatedEngine } from '@acestream-orchestrator/engine-simulator';

export interface SimulatorRuntime extends EngineRuntime, AsyncDisposable {
  /** Engines that run, by id. */
  readonly running: ReadonlyMap<string, SimulatedEngine>;
  /** The most that ever existed at once. */
  readonly most: number;
  readonly created: number;
  /** What is listed of an engine is different from now on. */
  change(engineId: string, fields: Partial<RuntimeEngine>): void;
  /** Makes every new engine fail with this error, until it is called with undefined. */
  failCreating(error: Error | undefined): void;
  /** Its process is killed. */
  kill(engineId: string): Promise<void>;
}

/** A runtime whose engines are simulators in this process: they live longer than a server that is killed. */
export function simulatorRuntime(): SimulatorRuntime {
  const fake = fakeRuntime([], { canProvision: true });
  const running = new Map<string, SimulatedEngine>();
  let created = 0;
  const end = async (id: string): Promise<void> => {
    const engine = running.get(id);
    running.delete(id);
    await engine?.close();
  };
  const boot = async (id: string): Promise<void> => {
    const engine = await createEngine({ controlPort: false, resolveDelayMs: 5, startDelayMs: 30 });
    running.set(id, engine);
    fake.change(id, { host: '127.0.0.1', port: engine.port });
  };
  return {
    ...fake,
    kind: 'simulator',
    canProvision: true,
    running,
    get most() {
      return fake.most;
    },
    get created() {
      return created;
    },
    change: fake.change,
    failCreating: (error) => fake.fail('create', error),
    async create(request, options) {
      const engine = await fake.create(request, options);
      created += 1;
      return engine;
    },
    async start(id, options) {
      if (!running.has(id)) await boot(id);
      await fake.start(id, options);
    },
    async stop(id, options) {
      await end(id);
      await fake.stop(id, options);
    },
    async remove(id, options) {
      await end(id);
      await fake.remove(id, options);
    },
    async kill(id) {
      await end(id);
      fake.crash(id);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running.keys()].map(end));
    },
  };
}
