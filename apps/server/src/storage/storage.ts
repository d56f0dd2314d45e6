import { ApiError } from '../api-error.ts';
import type { Log } from '../log.ts';
import { type DatabaseThread, DatabaseTrouble } from './database-thread.ts';
import type { EventCounts, EventEntry, EventFilter, EventRetention } from './rows.ts';
import type { TroubleKind } from './trouble.ts';

/** Whether what must survive a restart can be written now. */
export interface StorageState {
  readonly ok: boolean;
  readonly reason: TroubleKind | undefined;
  /** A sentence about the trouble, or about what was done about an earlier one. */
  readonly message: string | undefined;
  /** When it began, Unix milliseconds. */
  readonly since: number | undefined;
}

export interface StorageOptions {
  readonly thread: DatabaseThread;
  readonly log: Log;
}

const sentences: Readonly<Record<TroubleKind, string>> = {
  corrupt: 'The database is damaged',
  read_only: 'The data folder cannot be written',
  full: 'There is no room on the disk of the data folder',
  unavailable: 'The database cannot be used',
};

/** What a disk that is full or read-only still does. */
const reads: ReadonlySet<string> = new Set(['open', 'events', 'eventCounts', 'rescueDocuments']);

/**
 * What survives a restart. A database that cannot be used costs exactly that: nothing else depends on it, the trouble is
 * told by {@link state}, and whatever comes next tries again.
 */
export class Storage {
  readonly #thread: DatabaseThread;
  readonly #log: Log;
  readonly #listeners = new Set<(state: StorageState) => void>();
  #documents: Record<string, unknown> = {};
  #lastEventId = 0;
  #state: StorageState = { ok: true, reason: undefined, message: undefined, since: undefined };

  private constructor({ thread, log }: StorageOptions) {
    this.#thread = thread;
    this.#log = log;
  }

  /** Opens the database, or goes on without. Rejects with a DatabaseTooNew when a newer release wrote it. */
  static async open(options: StorageOptions): Promise<Storage> {
    const storage = new Storage(options);
    await storage.#open();
    return storage;
  }

  async #open(): Promise<void> {
    try {
      const { documents, lastEventId, movedAside } = await this.#call('open');
      this.#read(documents);
      this.#lastEventId = lastEventId;
      if (movedAside === undefined) return;
      const message = `The database was damaged: it is at ${movedAside} now, and another one was begun.`;
      this.#state = { ok: true, reason: 'corrupt', message, since: Date.now() };
      this.#log.error(message);
    } catch (error) {
      if (!(error instanceof DatabaseTrouble)) throw error;
      this.#read(await this.#thread.call('rescueDocuments').catch(() => ({})));
    }
  }

  #read(documents: Readonly<Record<string, string>>): void {
    this.#documents = Object.fromEntries(
      Object.entries(documents).map(([name, body]) => [name, JSON.parse(body) as unknown]),
    );
  }

  state(): StorageState {
    return this.#state;
  }

  /** Calls `listener` whenever the trouble begins or ends. */
  onChange(listener: (state: StorageState) => void): void {
    this.#listeners.add(listener);
  }

  /** The id of the last event that was written before this start. */
  get lastEventId(): number {
    return this.#lastEventId;
  }

  /** A document as it was saved last. */
  document(name: string): unknown {
    return this.#documents[name];
  }

  /** Saves documents, all or none. Rejects with an ApiError `storage_unavailable`, and then nothing has changed. */
  async saveDocuments(documents: Readonly<Record<string, unknown>>): Promise<void> {
    const bodies = Object.entries(documents).map(([name, value]) => [name, JSON.stringify(value)]);
    await this.#change('saveDocuments', Object.fromEntries(bodies));
    Object.assign(this.#documents, documents);
  }

  /** Appends to the event log and returns the last id. Rejects with a DatabaseTrouble. */
  appendEvents(entries: readonly EventEntry[], retention: EventRetention): Promise<number> {
    return this.#call('appendEvents', entries, retention, Date.now());
  }

  /** Newest first. Rejects with a DatabaseTrouble. */
  events(filter: EventFilter, limit: number, offset: number): Promise<readonly EventEntry[]> {
    return this.#call('events', filter, limit, offset);
  }

  /** Rejects with a DatabaseTrouble. */
  eventCounts(): Promise<EventCounts> {
    return this.#call('eventCounts');
  }

  /** Deletes what is older than `before` (Unix milliseconds). Rejects as {@link saveDocuments} does. */
  deleteEvents(before: number): Promise<number> {
    return this.#change('deleteEvents', before);
  }

  async close(): Promise<void> {
    await this.#thread.close();
  }

  readonly #change: DatabaseThread['call'] = async (name, ...args) => {
    try {
      return await this.#call(name, ...args);
    } catch (error) {
      if (!(error instanceof DatabaseTrouble)) throw error;
      throw new ApiError(503, 'storage_unavailable', `${sentences[error.trouble.kind]}, so nothing was changed.`, {
        cause: error,
        retryable: true,
        retryAfterSeconds: 30,
      });
    }
  };

  readonly #call: DatabaseThread['call'] = async (name, ...args) => {
    try {
      const value = await this.#thread.call(name, ...args);
      if (!this.#state.ok && !reads.has(name)) this.#recovered();
      return value;
    } catch (error) {
      if (error instanceof DatabaseTrouble) this.#failed(error);
      throw error;
    }
  };

  #failed(error: DatabaseTrouble): void {
    const { kind, message } = error.trouble;
    if (!this.#state.ok && this.#state.reason === kind) return;
    this.#log.error({ reason: kind, err: error }, `${sentences[kind]}: the server goes on without`);
    this.#enter({ ok: false, reason: kind, message: `${sentences[kind]}: ${message}.`, since: Date.now() });
  }

  #recovered(): void {
    this.#log.info('The database can be used again');
    this.#enter({ ok: true, reason: undefined, message: undefined, since: undefined });
  }

  #enter(state: StorageState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener(state);
  }
}
