import type { EngineRuntime, RuntimeEngine, RuntimeEvent, RuntimeStats } from '../runtime/engine-runtime.ts';
import { FakeEvents } from './fake-events.ts';

/** What a {@link FakeRuntime} can be told to fail or hang at. */
export type FakeOperation = 'list' | 'create' | 'start' | 'stop' | 'remove' | 'stats';

/** What a test adds when it needs it. */
type OptionalCall = 'diagnose' | 'prune';

/** A runtime whose engines come and go as a test says; every change is also an event. */
export interface FakeRuntime
  extends Required<Omit<EngineRuntime, 'inspect' | 'logs' | OptionalCall>>,
    Pick<EngineRuntime, OptionalCall> {
  /** Adds a running engine; fields left out are made up from the id. */
  add(engine: Partial<RuntimeEngine> & { readonly id: string }): RuntimeEngine;
  /** Changes what is listed of an engine. */
  change(engineId: string, fields: Partial<RuntimeEngine>): void;
  has(engineId: string): boolean;
  /** It is not listed any more. */
  vanish(engineId: string): void;
  /** Its process ended; it stays listed. */
  crash(engineId: string): void;
  /** A new process under the same id. */
  restart(engineId: string): void;
  /** Where engines are made something changed. */
  networkChanged(): void;
  /** Makes every such call reject with this error until it is called with undefined. */
  fail(operation: FakeOperation, error: Error | undefined): void;
  /** Makes every such call wait until it is told to go on, or its signal aborts. */
  hang(operation: FakeOperation, hangs: boolean): void;
  /** Ends every open event stream. */
  endEvents(): void;
  /** How often it was listed. */
  readonly listings: number;
  /** Every other call, in order. */
  readonly calls: readonly { readonly operation: FakeOperation; readonly engineId?: string }[];
  /** The most engines that existed at once. */
  readonly most: number;
  /** Event streams that are open now. */
  readonly openEventStreams: number;
}

/** Makes a runtime with these engines, given by id or field by field. By default it makes none itself. */
export function fakeRuntime(
  engines: readonly (string | (Partial<RuntimeEngine> & { readonly id: string }))[] = [],
  options: { readonly canProvision?: boolean } = {},
): FakeRuntime {
  const listed = new Map<string, RuntimeEngine>();
  const events = new FakeEvents();
  const errors = new Map<FakeOperation, Error>();
  const hanging = new Map<FakeOperation, PromiseWithResolvers<void>>();
  const calls: { operation: FakeOperation; engineId?: string }[] = [];
  let listings = 0;
  let starts = 0;
  let most = 0;

  const enter = async (operation: FakeOperation, signal: AbortSignal, engineId?: string): Promise<void> => {
    if (operation === 'list') listings += 1;
    else calls.push(engineId === undefined ? { operation } : { operation, engineId });
    signal.throwIfAborted();
    const gate = hanging.get(operation);
    if (gate !== undefined) await untilAborted(gate.promise, signal);
    const error = errors.get(operation);
    if (error !== undefined) throw error;
  };
  const change = (type: RuntimeEvent['type'], id: string, fields: Partial<RuntimeEngine>): void => {
    const engine = listed.get(id);
    if (engine === undefined) throw new TypeError(`The fake runtime has no engine ${id}`);
    listed.set(id, { ...engine, ...fields });
    events.emit({ type, engineId: id });
  };
  const begin = (id: string): void => {
    starts += 1;
    change('started', id, { running: true, startedAt: starts });
  };
  const add = (given: Partial<RuntimeEngine> & { readonly id: string }): RuntimeEngine => {
    starts += 1;
    const made = { name: given.id, host: '127.0.0.1', port: 6878 + starts, labels: {}, forwarded: false };
    const engine: RuntimeEngine = { ...made, running: true, startedAt: starts, ...given };
    listed.set(engine.id, engine);
    most = Math.max(most, listed.size);
    events.emit({ type: engine.running ? 'started' : 'created', engineId: engine.id });
    return engine;
  };
  for (const engine of engines) add(typeof engine === 'string' ? { id: engine } : engine);

  return {
    kind: 'fake',
    canProvision: options.canProvision ?? false,
    async list({ signal }) {
      await enter('list', signal);
      return [...listed.values()];
    },
    async create({ labels = {} }, { signal }) {
      await enter('create', signal);
      return add({ id: `made-${starts + 1}`, labels, running: false });
    },
    async start(engineId, { signal }) {
      await enter('start', signal, engineId);
      begin(engineId);
    },
    async stop(engineId, { signal }) {
      await enter('stop', signal, engineId);
      if (listed.has(engineId)) change('stopped', engineId, { running: false });
    },
    async remove(engineId, { signal }) {
      await enter('remove', signal, engineId);
      if (listed.delete(engineId)) events.emit({ type: 'removed', engineId });
    },
    async stats(engineIds, { signal }) {
      await enter('stats', signal);
      return new Map(engineIds.map((id) => [id, idleStats]));
    },
    events: ({ signal }) => events.open(signal),
    add,
    change: (id, fields) => change('changed', id, fields),
    has: (id) => listed.has(id),
    vanish(id) {
      listed.delete(id);
      events.emit({ type: 'removed', engineId: id });
    },
    networkChanged: () => events.emit({ type: 'network', engineId: '' }),
    crash: (id) => change('stopped', id, { running: false }),
    restart: begin,
    fail(operation, error) {
      if (error === undefined) errors.delete(operation);
      else errors.set(operation, error);
    },
    hang(operation, hangs) {
      if (hangs) hanging.set(operation, Promise.withResolvers());
      else hanging.get(operation)?.resolve();
      if (!hangs) hanging.delete(operation);
    },
    endEvents: () => events.end(),
    calls,
    get listings() {
      return listings;
    },
    get most() {
      return most;
    },
    get openEventStreams() {
      return events.streams;
    },
  };
}

const idleStats: RuntimeStats = Object.freeze({
  cpuPercent: 1,
  memoryUsageBytes: 2 ** 20,
  memoryLimitBytes: 2 ** 30,
  networkReceivedBytes: 1_000,
  networkSentBytes: 2_000,
  blockReadBytes: 3_000,
  blockWrittenBytes: 4_000,
});

function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener('abort', onAbort);
    work.then(resolve).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
