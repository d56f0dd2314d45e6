import { once } from 'node:events';

/** What the engine tells a player through `event_url`. */
export interface EngineEvent {
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}

const MAX_QUEUED = 100;

/** Events of one player, handed out one at a time to its long poll. */
export class SessionEvents {
  readonly #queue: EngineEvent[] = [];
  readonly #wake = new EventTarget();
  #closed = false;

  /** Whether anything is left to hand out. */
  get pending(): boolean {
    return this.#queue.length > 0;
  }

  push(event: EngineEvent): void {
    if (this.#queue.length < MAX_QUEUED) this.#queue.push(event);
    this.#wake.dispatchEvent(new Event('change'));
  }

  /** No more events will come; those queued can still be had. */
  close(): void {
    this.#closed = true;
    this.#wake.dispatchEvent(new Event('change'));
  }

  /** The next event; waits for one. `undefined` when the session is over or `signal` aborts. */
  async next(signal: AbortSignal): Promise<EngineEvent | undefined> {
    while (!signal.aborted) {
      const event = this.#queue.shift();
      if (event || this.#closed) return event;
      await once(this.#wake, 'change', { signal }).catch(() => undefined);
    }
    return undefined;
  }
}
