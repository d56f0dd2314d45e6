import type { EventCounts, EventEntry, EventFilter, EventRetention } from '../storage/rows.ts';
import type { Storage } from '../storage/storage.ts';

/** An event is written at the latest so long after it happened; together with those that came meanwhile. */
const batchMs = 200;
/** So many are written at once. */
const batchSize = 500;
/** What waits for a disk that cannot be written; then the oldest are lost. */
const maxPending = 5_000;
const firstRetryMs = 1_000;
const maxRetryMs = 30_000;

/** What to record; `details` never holds URLs or secrets. */
export interface NewEvent extends Pick<EventEntry, 'type' | 'category' | 'message'> {
  readonly details?: EventEntry['details'];
  readonly containerId?: string | undefined;
  readonly streamId?: string | undefined;
}

export interface EventLogOptions {
  readonly storage: Pick<
    Storage,
    'appendEvents' | 'events' | 'eventCounts' | 'deleteEvents' | 'lastEventId' | 'onChange' | 'state'
  >;
  readonly retention: () => EventRetention;
  /** Unix time in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * What happened. Recording costs a push onto a list; writing comes later, in batches, in another thread. What cannot be
 * written waits, and is found by queries all the same.
 */
export class EventLog {
  readonly #options: EventLogOptions;
  readonly #listeners = new Set<(entry: EventEntry) => void>();
  #pending: EventEntry[] = [];
  #lastId: number;
  #lost = 0;
  #timer: NodeJS.Timeout | undefined;
  #retryMs = firstRetryMs;
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(options: EventLogOptions) {
    this.#options = options;
    this.#lastId = options.storage.lastEventId;
    options.storage.onChange(({ ok, reason, message }) => {
      this.record({
        type: 'health',
        category: ok ? 'storage_recovered' : 'storage_failed',
        message: message ?? 'The database can be used again.',
        details: { reason: reason ?? null },
      });
    });
  }

  /** Records an event. Never throws, never waits. */
  record(event: NewEvent): void {
    const entry: EventEntry = {
      id: ++this.#lastId,
      at: (this.#options.now ?? Date.now)(),
      type: event.type,
      category: event.category,
      message: event.message,
      details: event.details ?? {},
      containerId: event.containerId ?? null,
      streamId: event.streamId ?? null,
    };
    this.#pending.push(entry);
    if (this.#pending.length > maxPending) this.#lost += this.#pending.splice(0, maxPending / 10).length;
    this.#schedule(batchMs);
    for (const listener of this.#listeners) listener(entry);
  }

  /** Calls `listener` with every entry from now on; the returned function ends that. */
  listen(listener: (entry: EventEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Entries that wait to be written, and those that waited too long. */
  backlog(): { readonly pending: number; readonly lost: number } {
    return { pending: this.#pending.length, lost: this.#lost };
  }

  /** Entries that match, newest first, those that wait to be written included. */
  async query(filter: EventFilter, limit: number, offset: number): Promise<readonly EventEntry[]> {
    await this.flush();
    const waiting = this.#pending.filter((entry) => matches(entry, filter)).toReversed();
    const newest = waiting.slice(offset, offset + limit);
    const written = await this.#options.storage
      .events(filter, limit - newest.length, Math.max(offset - waiting.length, 0))
      .catch(() => []);
    return [...newest, ...written];
  }

  async counts(): Promise<EventCounts> {
    await this.flush();
    const written = await this.#options.storage
      .eventCounts()
      .catch((): EventCounts => ({ total: 0, byType: {}, oldestAt: null, newestAt: null }));
    const byType: Record<string, number> = { ...written.byType };
    for (const { type } of this.#pending) byType[type] = (byType[type] ?? 0) + 1;
    return {
      total: written.total + this.#pending.length,
      byType,
      oldestAt: written.oldestAt ?? this.#pending[0]?.at ?? null,
      newestAt: this.#pending.at(-1)?.at ?? written.newestAt,
    };
  }

  /** Deletes what is older than `before` (Unix milliseconds); returns how many. Rejects with `storage_unavailable`. */
  async deleteBefore(before: number): Promise<number> {
    await this.flush();
    return this.#options.storage.deleteEvents(before);
  }

  /** Resolves when what was recorded before is written, or could not be. Does not wait for a disk that is in trouble. */
  async flush(): Promise<void> {
    if (this.#pending.length > 0 && this.#options.storage.state().ok) await this.#writeAll();
  }

  /** Writes what is left. Events that come later are not written. */
  async close(): Promise<void> {
    await this.#writeAll();
    // What came while the last batch was being written.
    await this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #schedule(ms: number): void {
    if (this.#timer !== undefined || this.#writing !== undefined || this.#closed) return;
    this.#timer = setTimeout(() => void this.#writeAll(), ms);
    this.#timer.unref();
  }

  /** One at a time: an entry is never written twice. */
  #writeAll(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
      if (this.#pending.length > 0) this.#schedule(this.#options.storage.state().ok ? batchMs : this.#retryMs);
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.slice(0, batchSize);
      try {
        const last = await this.#options.storage.appendEvents(batch, this.#options.retention());
        this.#lastId = Math.max(this.#lastId, last);
        this.#pending = this.#pending.filter(({ id }) => id > batch.at(-1)!.id);
        this.#retryMs = firstRetryMs;
      } catch {
        this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
        return;
      }
    }
  }
}

function matches(entry: EventEntry, { type, category, containerId, streamId, since }: EventFilter): boolean {
  return (
    (type === undefined || entry.type === type) &&
    (category === undefined || entry.category === category) &&
    (containerId === undefined || entry.containerId === containerId) &&
    (streamId === undefined || entry.streamId === streamId) &&
    (since === undefined || entry.at >= since)
  );
}
