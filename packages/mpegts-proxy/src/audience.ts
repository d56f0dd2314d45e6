import { Client, type ClientHost } from './client.ts';
import type { ClientResult, ClientStats, Clock, ProxySettings, SessionEndReason } from './contract.ts';
import { Cursor } from './cursor.ts';
import { Flusher } from './flusher.ts';
import type { Announce } from './lifecycle.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { StreamBuffer } from './stream-buffer.ts';

/** Never tends its clients more often than this. */
const MIN_TEND_MS = 100;

export interface JoinRequest {
  readonly clientId: string;
  readonly label: string | undefined;
  readonly behindMs: number;
  readonly signal: AbortSignal | undefined;
}

export interface AudienceOptions {
  readonly key: string;
  readonly clock: Clock;
  readonly settings: ProxySettings;
  readonly budget: MemoryBudget;
  readonly announce: Announce;
  readonly buffer: StreamBuffer;
  /** A client came, took bytes, or left: reading ahead may go on. */
  readonly progressed: () => void;
  /** The last one has left, client or waiting. */
  readonly emptied: () => void;
}

interface Waiter {
  readonly request: JoinRequest;
  readonly sinceMs: number;
  readonly admit: (client: Client) => void;
  readonly refuse: (error: unknown) => void;
}

/** Everyone who reads a session or waits to: lets them in, serves them in cohorts, looks after the idle ones. */
export class Audience implements ClientHost {
  readonly clock: Clock;
  readonly settings: ProxySettings;
  readonly #options: AudienceOptions;
  readonly #flusher: Flusher;
  readonly #clients = new Set<Client>();
  readonly #waiters = new Set<Waiter>();
  #firstByteMs: number | undefined;
  #bytesOutEnded = 0;
  #skipsEnded = 0;
  #sluggish = 0;
  #cancelTend: (() => void) | undefined;
  #cancelSettle: (() => void) | undefined;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.clock = options.clock;
    this.settings = options.settings;
    this.#flusher = new Flusher(options.clock, options.settings.batch);
  }

  get flushing(): boolean {
    return this.#flusher.active;
  }

  /** Clients, those who wait to become one included. */
  get size(): number {
    return this.#clients.size + this.#waiters.size;
  }

  get clientCount(): number {
    return this.#clients.size;
  }

  get bytesOut(): number {
    let bytes = this.#bytesOutEnded;
    for (const client of this.#clients) bytes += client.bytesSent;
    return bytes;
  }

  get skips(): number {
    let skips = this.#skipsEnded;
    for (const client of this.#clients) skips += client.skips;
    return skips;
  }

  /** How long the client that has waited longest has been without media. */
  withoutMediaMs(nowMs: number): number {
    let longest = 0;
    for (const client of this.#clients) longest = Math.max(longest, client.withoutMediaMs(nowMs));
    return longest;
  }

  /** Whether a client has come as far as that. */
  hasReached(offset: number): boolean {
    // As a rule the first one has.
    for (const client of this.#clients) if (client.offset >= offset) return true;
    return false;
  }

  /** Place of the client that is furthest; 0 when there is none. */
  get leadingOffset(): number {
    let leading = 0;
    for (const client of this.#clients) if (client.offset > leading) leading = client.offset;
    return leading;
  }

  /** Resolves with a client as soon as there is something for it to start from. */
  join(request: JoinRequest): Promise<Client> {
    return new Promise((resolve, reject) => {
      const abort = (): void => waiter.refuse(request.signal?.reason);
      const done = (): void => {
        request.signal?.removeEventListener('abort', abort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        request,
        sinceMs: this.clock.now(),
        admit: (client) => {
          done();
          resolve(client);
        },
        refuse: (error) => {
          done();
          reject(error);
          this.#someoneLeft();
        },
      };
      this.#waiters.add(waiter);
      if (request.signal?.aborted) return abort();
      request.signal?.addEventListener('abort', abort, { once: true });
      this.#admit();
    });
  }

  /** Bytes have been appended to the buffer. */
  serve(bytes: number): void {
    this.#firstByteMs ??= this.clock.now();
    this.#admit();
    this.#flusher.wake(bytes);
  }

  /** Lets in whoever waits, if there is a place to start from. */
  #admit(): void {
    if (this.#waiters.size === 0 || this.#firstByteMs === undefined) return;
    const settle = this.clock.now() - this.#firstByteMs >= this.settings.join.maxKeyframeWaitMs;
    for (const waiter of [...this.#waiters]) {
      const start = this.#options.buffer.startPoint(waiter.request.behindMs, { settle });
      if (start === undefined) return this.#settleLater(this.#firstByteMs);
      this.#attach(new Cursor(this.#options.buffer, start), waiter);
    }
  }

  #attach(cursor: Cursor, { request, sinceMs, admit }: Waiter): void {
    const client = new Client(this, cursor, { id: request.clientId, label: request.label });
    this.#clients.add(client);
    this.#flusher.add(client);
    this.#tendLater(this.settings.client.keepAliveMs);
    request.signal?.addEventListener('abort', () => client.end('left'), { once: true });
    admit(client);
    this.#options.announce('clientStart', {
      key: this.#options.key,
      client: client.id,
      label: client.label,
      joinMs: this.clock.now() - sinceMs,
    });
    this.#options.progressed();
  }

  /** A stream that shows no keyframe is joined without one after a while. */
  #settleLater(firstByteMs: number): void {
    const dueMs = firstByteMs + this.settings.join.maxKeyframeWaitMs - this.clock.now();
    this.#cancelSettle ??= this.clock.after(Math.max(dueMs, 0), () => {
      this.#cancelSettle = undefined;
      this.#admit();
    });
  }

  progressed(): void {
    this.#options.progressed();
  }

  left(client: Client, result: ClientResult): void {
    this.#clients.delete(client);
    this.#flusher.remove(client);
    this.#bytesOutEnded += result.bytesSent;
    this.#skipsEnded += result.skips;
    const { announce, key } = this.#options;
    announce('clientEnd', { key, client: client.id, label: client.label, ...result });
    this.#options.progressed();
    this.#someoneLeft();
  }

  #someoneLeft(): void {
    if (this.size === 0) this.#options.emptied();
  }

  #tendLater(ms: number): void {
    this.#cancelTend ??= this.clock.after(Math.max(ms, MIN_TEND_MS), () => {
      this.#cancelTend = undefined;
      const nowMs = this.clock.now();
      let nextMs = this.settings.client.keepAliveMs;
      let sluggish = 0;
      for (const client of [...this.#clients]) {
        nextMs = Math.min(nextMs, client.tend(nowMs));
        if (client.isSluggish(nowMs)) sluggish++;
      }
      this.#countSluggish(sluggish);
      if (this.#clients.size > 0) this.#tendLater(nextMs);
    });
  }

  #countSluggish(count: number): void {
    this.#options.budget.addSluggishClients(count - this.#sluggish);
    this.#sluggish = count;
  }

  /** Refuses who waits and ends who reads. */
  dismiss(reason: SessionEndReason, error: unknown): void {
    this.#cancelTend?.();
    this.#cancelSettle?.();
    this.#flusher.stop();
    for (const waiter of [...this.#waiters]) waiter.refuse(error);
    for (const client of [...this.#clients]) client.end(reason);
    this.#countSluggish(0);
  }

  stats(): ClientStats[] {
    return [...this.#clients].map((client) => client.stats());
  }
}
