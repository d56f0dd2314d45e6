import { type ApiProblem, problemOf } from './api-problem.ts';
import type { KeyStore } from './key-store.ts';

export interface LogLine {
  /** Counts up; a line keeps its number. */
  readonly number: number;
  /** Unix milliseconds; undefined where the runtime did not say. */
  readonly at: number | undefined;
  readonly text: string;
}

export interface FollowedLog {
  readonly connection: 'connecting' | 'live' | 'lost';
  /** Why it is not tried any more. */
  readonly problem: ApiProblem | undefined;
  /** The newest ones, oldest first, at most {@link keptLines}. */
  readonly lines: readonly LogLine[];
}

export const keptLines = 5_000;
/** What is asked for at the beginning, and again after a loss. */
const tail = 1_000;
/** Longer ones are cut: a line without an end must not fill the memory. */
const longestLine = 10_000;
/** Lines are gathered for so long: a container that writes without pause makes five renders a second. */
const gatherMs = 200;
const firstRetryMs = 1_000;
const longestRetryMs = 10_000;
/** What held for so long was good: the next loss is retried quickly again. */
const steadyMs = 10_000;

export interface LogFollowerOptions {
  /** Of the server, with a slash at its end. */
  readonly server: URL;
  readonly containerId: string;
  readonly keys: Pick<KeyStore, 'headers'>;
}

/** Follows what a container writes, over losses of the server, until it is stopped. Nothing is asked twice meanwhile. */
export class LogFollower {
  readonly #options: LogFollowerOptions;
  readonly #listeners = new Set<() => void>();
  #log: FollowedLog = { connection: 'connecting', problem: undefined, lines: [] };
  #fresh: LogLine[] = [];
  /** The next lines replace what was there: they are the tail anew. */
  #replaces = true;
  #gathering: ReturnType<typeof setTimeout> | undefined;
  #lastNumber = 0;
  #wake: (() => void) | undefined;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
  }

  readonly get = (): FollowedLog => this.#log;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The returned function ends it. */
  start(): () => void {
    const stopped = new AbortController();
    void this.#run(stopped.signal);
    return () => {
      stopped.abort();
      this.#wake?.();
      clearTimeout(this.#gathering);
      this.#gathering = undefined;
    };
  }

  /** Does not wait for the next try. */
  retry(): void {
    this.#wake?.();
  }

  async #run(stopped: AbortSignal): Promise<void> {
    let retryMs = firstRetryMs;
    while (!stopped.aborted) {
      this.#replaces = true;
      const startedAt = Date.now();
      const problem = await this.#readOnce(stopped).catch(() => undefined);
      if (stopped.aborted) return;
      // What is over, or forbidden, is not tried again by itself.
      const isFinal = problem !== undefined && !problem.retryable;
      if (Date.now() - startedAt > steadyMs) retryMs = firstRetryMs;
      this.#flush();
      this.#set({ ...this.#log, connection: 'lost', problem: isFinal ? problem : undefined });
      await this.#pause(isFinal ? undefined : retryMs);
      retryMs = Math.min(retryMs * 2, longestRetryMs);
    }
  }

  async #readOnce(signal: AbortSignal): Promise<ApiProblem | undefined> {
    const { server, containerId, keys } = this.#options;
    const url = new URL(`api/v1/containers/${encodeURIComponent(containerId)}/logs`, server);
    url.search = String(new URLSearchParams({ follow: 'true', timestamps: 'true', tail: String(tail) }));
    const response = await fetch(url, { signal, cache: 'no-store', headers: keys.headers() });
    if (!response.ok || response.body === null) return problemOf(response);
    this.#set({ ...this.#log, connection: 'live', problem: undefined });
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let open = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      const lines = (open + value).split('\n');
      open = lines.pop()!.slice(0, longestLine);
      this.#take(lines);
    }
  }

  #take(lines: readonly string[]): void {
    if (lines.length === 0) return;
    for (const line of lines) {
      this.#lastNumber += 1;
      this.#fresh.push({ number: this.#lastNumber, ...parseLine(line.slice(0, longestLine)) });
    }
    if (this.#fresh.length > 2 * keptLines) this.#fresh = this.#fresh.slice(-keptLines);
    this.#gathering ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    if (this.#fresh.length === 0) return;
    const before = this.#replaces ? [] : this.#log.lines;
    const lines = [...before, ...this.#fresh].slice(-keptLines);
    this.#fresh = [];
    this.#replaces = false;
    this.#set({ ...this.#log, lines });
  }

  /** Without a time, until somebody wakes it. */
  #pause(ms: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
    this.#wake = resolve;
    return promise.finally(() => clearTimeout(timer));
  }

  #set(log: FollowedLog): void {
    this.#log = log;
    for (const listener of this.#listeners) listener();
  }
}

const stamped = /^(\d{4}-\d\d-\d\dT[\d:.]+Z) ?(.*)$/s;

function parseLine(line: string): Pick<LogLine, 'at' | 'text'> {
  const [, at, text] = stamped.exec(line) ?? [];
  return at === undefined || text === undefined ? { at: undefined, text: line } : { at: Date.parse(at), text };
}
