/** One request to the engine's API. */
export interface LoggedRequest {
  /** Unix ms. */
  readonly atMs: number;
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  readonly remoteAddress: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The status answered; `null` while none was. */
  readonly status: number | null;
}

type Entry = { -readonly [K in keyof LoggedRequest]: LoggedRequest[K] };

/** The newest requests, oldest first; older ones are forgotten. */
export class RequestLog {
  readonly #capacity: number;
  #entries: Entry[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Adds a request; the function returned records its status. */
  add(request: Omit<LoggedRequest, 'status'>): (status: number) => void {
    const entry: Entry = { ...request, status: null };
    this.#entries.push(entry);
    if (this.#entries.length > this.#capacity) this.#entries.shift();
    return (status) => {
      entry.status = status;
    };
  }

  list(): readonly LoggedRequest[] {
    return this.#entries.map((entry) => ({ ...entry }));
  }

  clear(): void {
    this.#entries = [];
  }
}
