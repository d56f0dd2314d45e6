import { randomBytes } from 'node:crypto';

/** Messages that a listener who comes back can still be given. */
const maxKept = 1_000;

/** Names of the messages. */
export type LiveMessageName =
  | 'snapshot'
  | 'engine'
  | 'engine_gone'
  | 'stream'
  | 'stream_gone'
  | 'status'
  | 'event'
  | 'pull'
  | 'lost';

/** Something that changed, as it is told to those with the key and to the others. */
export interface LiveMessage {
  readonly id: string;
  readonly name: LiveMessageName;
  /** JSON, made when the first listener needs it. */
  text(privileged: boolean): string;
}

/** What is published: with URLs and secrets, and without. */
export interface LivePayload {
  readonly full: unknown;
  /** Default: as `full`. */
  readonly open?: unknown;
}

export interface LiveListener {
  readonly privileged: boolean;
  /** Called for every message, in order. */
  deliver(message: LiveMessage): void;
}

/**
 * Numbered messages for any number of listeners. The newest are kept, so that a listener who comes back goes on where it
 * was. An id is `<feed>-<number>`; the feed's part tells the messages of one start from those of another.
 */
export class LiveFeed {
  readonly #feed = randomBytes(4).toString('hex');
  readonly #kept: LiveMessage[] = [];
  readonly #listeners = new Set<LiveListener>();
  #last = 0;

  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** The id of the newest message. */
  get lastId(): string {
    return `${this.#feed}-${this.#last}`;
  }

  publish(name: LiveMessageName, payload: LivePayload): void {
    this.#last += 1;
    const message = { id: this.lastId, name, text: lazyText(payload) };
    this.#kept.push(message);
    if (this.#kept.length > maxKept) this.#kept.shift();
    for (const listener of this.#listeners) listener.deliver(message);
  }

  /** The messages after `id`, oldest first; undefined when some of them are gone, or `id` is of another feed. */
  since(id: string): readonly LiveMessage[] | undefined {
    const [feed, number] = id.split('-');
    const missed = this.#last - Number(number);
    if (feed !== this.#feed || !(missed >= 0 && missed <= this.#kept.length)) return undefined;
    return this.#kept.slice(this.#kept.length - missed);
  }

  /** Delivers every message from now on; the returned function ends that. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function lazyText({ full, open = full }: LivePayload): (privileged: boolean) => string {
  const texts = new Map<unknown, string>();
  return (privileged) => {
    const value = privileged ? full : open;
    const text = texts.get(value) ?? JSON.stringify(value);
    texts.set(value, text);
    return text;
  };
}
