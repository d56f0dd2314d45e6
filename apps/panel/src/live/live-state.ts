import type { EngineState, EventEntry, OrchestratorStatus, Pull, StreamState } from '../api/types.ts';

/** How the page is connected to the server. */
export type Connection =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'live' }
  /** It was there, or should be, and is not; tried again until it is. */
  | { readonly kind: 'lost'; readonly since: number; readonly retryAt: number }
  /** The server wants a key, or another one. */
  | { readonly kind: 'denied'; readonly wrongKey: boolean };

/** Everything the live feed has told, as of its newest message. */
export interface LiveState {
  readonly connection: Connection;
  /** False until the first snapshot. */
  readonly loaded: boolean;
  readonly engines: ReadonlyMap<string, EngineState>;
  /** Running streams. */
  readonly streams: ReadonlyMap<string, StreamState>;
  readonly status: OrchestratorStatus | undefined;
  /** The last pull of each image that this page has seen. */
  readonly pulls: ReadonlyMap<string, Pull>;
  /** The newest entries of the event log since the page was opened, newest first, at most {@link keptEvents}. */
  readonly events: readonly EventEntry[];
}

export const keptEvents = 200;

/** A message of the feed. */
export type LiveMessage =
  | {
      readonly name: 'snapshot';
      readonly data: {
        readonly engines: readonly EngineState[];
        readonly streams: readonly StreamState[];
        readonly status: OrchestratorStatus;
        readonly pulls: readonly Pull[];
      };
    }
  | { readonly name: 'engine'; readonly data: EngineState }
  | { readonly name: 'engine_gone'; readonly data: { readonly container_id: string } }
  | { readonly name: 'stream'; readonly data: StreamState }
  | { readonly name: 'stream_gone'; readonly data: { readonly id: string } }
  | { readonly name: 'status'; readonly data: OrchestratorStatus }
  | { readonly name: 'event'; readonly data: EventEntry }
  | { readonly name: 'pull'; readonly data: Pull }
  | { readonly name: 'lost'; readonly data: { readonly count: number } };

export const emptyState: LiveState = {
  connection: { kind: 'connecting' },
  loaded: false,
  engines: new Map(),
  streams: new Map(),
  status: undefined,
  pulls: new Map(),
  events: [],
};

/** The state after some messages, in their order. What no message touched stays the same object. */
export function applyMessages(state: LiveState, messages: readonly LiveMessage[]): LiveState {
  const next = { ...state };
  let engines: Map<string, EngineState> | undefined;
  let streams: Map<string, StreamState> | undefined;
  let pulls: Map<string, Pull> | undefined;
  const events: EventEntry[] = [];
  for (const message of messages) {
    switch (message.name) {
      case 'snapshot':
        engines = keyed(message.data.engines, (engine) => engine.container_id);
        streams = keyed(message.data.streams.filter(isRunning), (stream) => stream.id);
        pulls = keyed(message.data.pulls, (pull) => pull.image);
        next.status = message.data.status;
        next.loaded = true;
        break;
      case 'engine':
        engines ??= new Map(state.engines);
        engines.set(message.data.container_id, message.data);
        break;
      case 'engine_gone':
        engines ??= new Map(state.engines);
        engines.delete(message.data.container_id);
        break;
      case 'stream':
        streams ??= new Map(state.streams);
        if (isRunning(message.data)) streams.set(message.data.id, message.data);
        else streams.delete(message.data.id);
        break;
      case 'stream_gone':
        streams ??= new Map(state.streams);
        streams.delete(message.data.id);
        break;
      case 'status':
        next.status = message.data;
        break;
      case 'event':
        events.unshift(message.data);
        break;
      case 'pull':
        pulls ??= new Map(state.pulls);
        // One that is over stays: it is newer than what was asked for before it ended.
        pulls.set(message.data.image, message.data);
        break;
      // What was lost is told again by the snapshot that follows.
      case 'lost':
        break;
    }
  }
  if (engines !== undefined) next.engines = engines;
  if (streams !== undefined) next.streams = streams;
  if (pulls !== undefined) next.pulls = pulls;
  if (events.length > 0) next.events = newestEvents(events, state.events);
  return next;
}

/** After a reconnect the server may tell an entry again. */
function newestEvents(fresh: readonly EventEntry[], before: readonly EventEntry[]): readonly EventEntry[] {
  const known = new Set(before.map(({ id }) => id));
  return [...fresh.filter(({ id }) => !known.has(id)), ...before].slice(0, keptEvents);
}

function isRunning({ status }: StreamState): boolean {
  return status === 'started';
}

function keyed<Value>(values: readonly Value[], keyOf: (value: Value) => string): Map<string, Value> {
  return new Map(values.map((value) => [keyOf(value), value]));
}
