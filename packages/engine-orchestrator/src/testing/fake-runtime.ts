import type { EngineRuntime, RuntimeEngine, RuntimeEvent } from '../runtime/engine-runtime.ts';

/** A runtime whose engines come and go as a test says; every change is also an event. */
export interface FakeRuntime extends EngineRuntime {
  /** Adds a running engine; fields left out are made up from the id. */
  add(engine: Partial<RuntimeEngine> & { readonly id: string }): RuntimeEngine;
  has(engineId: string): boolean;
  /** It is not listed any more. */
  vanish(engineId: string): void;
  /** Its process ended; it stays listed. */
  crash(engineId: string): void;
  /** A new process under the same id. */
  restart(engineId: string): void;
  /** Makes every listing reject with this error until it is called with undefined. */
  failListing(error: Error | undefined): void;
  /** Ends every open event stream. */
  endEvents(): void;
  /** How often it was listed. */
  readonly listings: number;
  /** Event streams that are open now. */
  readonly openEventStreams: number;
}

/** Makes a runtime with these engines, given by id or field by field. */
export function fakeRuntime(
  engines: readonly (string | (Partial<RuntimeEngine> & { readonly id: string }))[] = [],
): FakeRuntime {
  const listed = new Map<string, RuntimeEngine>();
  const streams = new Set<{ queue: RuntimeEvent[]; wake: () => void; ended: boolean }>();
  let listings = 0;
  let listError: Error | undefined;
  let starts = 0;

  const emit = (type: RuntimeEvent['type'], engineId: string): void => {
    for (const stream of streams) {
      stream.queue.push({ type, engineId });
      stream.wake();
    }
  };
  const change = (type: RuntimeEvent['type'], id: string, fields: Partial<RuntimeEngine>): void => {
    const engine = listed.get(id);
    if (engine === undefined) throw new TypeError(`The fake runtime has no engine ${id}`);
    listed.set(id, { ...engine, ...fields });
    emit(type, id);
  };
  const add = (given: Partial<RuntimeEngine> & { readonly id: string }): RuntimeEngine => {
    starts += 1;
    const made = { name: given.id, host: '127.0.0.1', port: 6878 + starts, labels: {}, forwarded: false };
    const engine: RuntimeEngine = { ...made, running: true, startedAt: starts, ...given };
    listed.set(engine.id, engine);
    emit('started', engine.id);
    return engine;
  };
  for (const engine of engines) add(typeof engine === 'string' ? { id: engine } : engine);

  return {
    kind: 'fake',
    canProvision: false,
    async list() {
      listings += 1;
      if (listError !== undefined) throw listError;
      return [...listed.values()];
    },
    async *events({ signal }) {
      const stream = { queue: [] as RuntimeEvent[], wake: () => {}, ended: false };
      const onAbort = (): void => {
        stream.ended = true;
        stream.wake();
      };
      streams.add(stream);
      signal.addEventListener('abort', onAbort);
      try {
        while (!stream.ended) {
          const event = stream.queue.shift();
          if (event !== undefined) yield event;
          else await new Promise<void>((resolve) => (stream.wake = resolve));
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        streams.delete(stream);
      }
    },
    add,
    has: (id) => listed.has(id),
    vanish(id) {
      listed.delete(id);
      emit('removed', id);
    },
    crash: (id) => change('stopped', id, { running: false }),
    restart(id) {
      starts += 1;
      change('started', id, { running: true, startedAt: starts });
    },
    failListing(error) {
      listError = error;
    },
    endEvents() {
      for (const stream of streams) {
        stream.ended = true;
        stream.wake();
      }
    },
    get listings() {
      return listings;
    },
    get openEventStreams() {
      return streams.size;
    },
  };
}
