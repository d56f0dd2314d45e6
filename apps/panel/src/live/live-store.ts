import { problemOf } from '../api/api-problem.ts';
import { type KeyStore, keyStore } from '../api/key-store.ts';
import { serverUrl } from '../api/server-url.ts';
import { applyMessages, type Connection, emptyState, type LiveMessage, type LiveState } from './live-state.ts';
import { readEventStream } from './read-event-stream.ts';
import { StreamSamples } from './stream-samples.ts';
import { type TotalSample, totalOf } from './total-samples.ts';

/** Messages are gathered for so long, so that 200 streams a second make five renders and not 200. */
const gatherMs = 200;
const firstRetryMs = 500;
const longestRetryMs = 8_000;
/** At one a second, ten minutes. */
const keptTotals = 600;
/** A feed that held for so long was a good one: the next loss is retried quickly again. */
const steadyMs = 10_000;

/** Keeps {@link LiveState} up to date from the live feed, over losses of the server, until it is stopped. */
export class LiveStore {
  /** What running streams looked like lately. */
  readonly samples: StreamSamples = new StreamSamples();
  readonly #keys: KeyStore;
  readonly #listeners = new Set<() => void>();
  #state = emptyState;
  #totals: readonly TotalSample[] = [];
  #queue: LiveMessage[] = [];
  #flushing: ReturnType<typeof setTimeout> | undefined;
  #lastEventId: string | undefined;
  #retryMs = firstRetryMs;
  #wake: (() => void) | undefined;
  #attempt: AbortController | undefined;

  constructor(keys: KeyStore) {
    this.#keys = keys;
  }

  readonly get = (): LiveState => this.#state;

  /** All streams together since the page was opened, one sample a second, oldest first. */
  readonly totals = (): readonly TotalSample[] => this.#totals;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Connects, and goes on doing so. The returned function ends it. */
  start(): () => void {
    const stopped = new AbortController();
    const retryNow = (): void => this.#wake?.();
    // Another key sees other things: begin anew.
    const unsubscribe = this.#keys.subscribe(() => {
      this.#lastEventId = undefined;
      this.#set({ ...emptyState });
      this.#attempt?.abort();
      retryNow();
    });
    addEventListener('online', retryNow);
    document.addEventListener('visibilitychange', retryNow);
    void this.#run(stopped.signal);
    return () => {
      stopped.abort();
      unsubscribe();
      removeEventListener('online', retryNow);
      document.removeEventListener('visibilitychange', retryNow);
      clearTimeout(this.#flushing);
    };
  }

  /** Does not wait for the next try. */
  retry(): void {
    this.#wake?.();
  }

  async #run(stopped: AbortSignal): Promise<void> {
    while (!stopped.aborted) {
      this.#attempt = new AbortController();
      const signal = AbortSignal.any([stopped, this.#attempt.signal]);
      const connection = await this.#readOnce(signal).catch(() => this.#lost());
      if (stopped.aborted) return;
      if (this.#attempt.signal.aborted) continue;
      this.#set({ ...this.#state, connection });
      await this.#pause(connection.kind === 'lost' ? connection.retryAt - Date.now() : undefined, stopped);
    }
  }

  async #readOnce(signal: AbortSignal): Promise<Connection> {
    const response = await fetch(new URL('api/v1/live', serverUrl()), {
      signal,
      cache: 'no-store',
      headers: {
        accept: 'text/event-stream',
        ...(this.#lastEventId === undefined ? {} : { 'last-event-id': this.#lastEventId }),
        ...this.#keys.headers(),
      },
    });
    if (!response.ok || response.body === null) {
      const problem = await problemOf(response);
      return problem.isDenied ? { kind: 'denied', wrongKey: problem.status === 403 } : this.#lost();
    }
    const connectedAt = Date.now();
    this.#set({ ...this.#state, connection: { kind: 'live' } });
    try {
      await readEventStream(response.body, {
        signal,
        onEvent: ({ id, name, data }) => {
          if (id !== undefined) this.#lastEventId = id;
          this.#take({ name, data: JSON.parse(data) as unknown } as LiveMessage);
        },
      });
    } finally {
      if (Date.now() - connectedAt > steadyMs) this.#retryMs = firstRetryMs;
    }
    return this.#lost();
  }

  #lost(): Connection {
    const now = Date.now();
    const retryAt = now + this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, longestRetryMs);
    const { connection } = this.#state;
    return { kind: 'lost', since: connection.kind === 'lost' ? connection.since : now, retryAt };
  }

  /** Without a time, until somebody wakes it. */
  #pause(ms: number | undefined, stopped: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    this.#wake = resolve;
    stopped.addEventListener('abort', () => resolve(), { once: true });
    return promise.finally(() => clearTimeout(timer));
  }

  #take(message: LiveMessage): void {
    this.#queue.push(message);
    this.#flushing ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    this.#flushing = undefined;
    const messages = this.#queue;
    this.#queue = [];
    const state = applyMessages(this.#state, messages);
    const now = Date.now();
    this.samples.add(messages, state.streams, now);
    if (state.loaded && now - (this.#totals.at(-1)?.at ?? 0) >= 950) {
      this.#totals = [...this.#totals.slice(1 - keptTotals), totalOf(state.streams.values(), now)];
    }
    this.#set(state);
  }

  #set(state: LiveState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

export const liveStore: LiveStore = new LiveStore(keyStore);
