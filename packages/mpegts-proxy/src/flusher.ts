import type { Clock, ProxySettings } from './contract.ts';

/** Clients served in one go: at some 25 µs a write this stays under about 2 ms. */
const COHORT_CLIENTS = 64;
const FEW_CLIENTS = 20;
const MANY_CLIENTS = 200;

export interface Flushable {
  flush(): void;
}

/** A client's turn: where it stands in the queue, and which bytes it has been told of. */
interface Turn {
  readonly client: Flushable;
  /** Bytes that had been appended when it was served last. */
  seenBytes: number;
}

/**
 * Decides when clients are written to. A write for every client at every arrival would cost a system call each, so
 * arrivals are gathered for a while, longer the more clients there are. Clients are served in cohorts, one after the
 * other over that time:
 *
 *     arrivals   · · ·· ·  · ·· · ··
 *     cohort 0   ▌           ▌            every cohort once per batch time
 *     cohort 1       ▌           ▌
 *     cohort 2           ▌           ▌
 *
 * A cohort for which `batch.maxBytes` have gathered is served at once. The timer runs only while somebody has not
 * seen the newest bytes.
 *
 * Invariant: going round the queue from `next`, nobody has seen less than those before; who joins has just been served.
 */
export class Flusher {
  readonly #clock: Clock;
  readonly #settings: ProxySettings['batch'];
  readonly #queue: Turn[] = [];
  #next = 0;
  #appendedBytes = 0;
  /** When the cohort that is next is due. */
  #dueMs = 0;
  #cancelTimer: (() => void) | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(clock: Clock, settings: ProxySettings['batch']) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Whether a round is under way: clients will be served without asking. */
  get active(): boolean {
    return this.#gatheredBytes > 0;
  }

  /** Bytes that whoever is next has not been told of. */
  get #gatheredBytes(): number {
    return this.#appendedBytes - (this.#queue[this.#next]?.seenBytes ?? this.#appendedBytes);
  }

  /** @param client told of bytes that come from now on */
  add(client: Flushable): void {
    this.#queue.splice(this.#next, 0, { client, seenBytes: this.#appendedBytes });
    this.#next = (this.#next + 1) % this.#queue.length;
  }

  remove(client: Flushable): void {
    const index = this.#queue.findIndex((turn) => turn.client === client);
    if (index < 0) return;
    this.#queue.splice(index, 1);
    if (index < this.#next) this.#next--;
    if (this.#next === this.#queue.length) this.#next = 0;
  }

  /** Bytes have been appended. */
  wake(bytes: number): void {
    const rested = !this.active;
    this.#appendedBytes += bytes;
    if (rested) this.#dueMs = this.#clock.now() + this.#cohortMs;
    this.#arm();
  }

  stop(): void {
    this.#queue.length = 0;
    this.#next = 0;
    this.#disarm();
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  get #cohorts(): number {
    return Math.max(1, Math.ceil(this.#queue.length / COHORT_CLIENTS));
  }

  /** From one cohort to the next. */
  get #cohortMs(): number {
    const { minMs, maxMs } = this.#settings;
    const share = (this.#queue.length - FEW_CLIENTS) / (MANY_CLIENTS - FEW_CLIENTS);
    return (minMs + (maxMs - minMs) * Math.min(1, Math.max(0, share))) / this.#cohorts;
  }

  #arm(): void {
    if (this.#immediate !== undefined || !this.active) return;
    if (this.#gatheredBytes >= this.#settings.maxBytes) {
      this.#disarm();
      // Not now: other work gets its turn between cohorts.
      this.#immediate = setImmediate(() => {
        this.#immediate = undefined;
        this.#serve();
      });
      return;
    }
    this.#cancelTimer ??= this.#clock.after(Math.max(0, Math.round(this.#dueMs - this.#clock.now())), () => {
      this.#cancelTimer = undefined;
      this.#serve();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** Serves one cohort, less whoever has seen everything. */
  #serve(): void {
    // Due times follow each other, not the lateness of timers; what was missed is not made up for.
    this.#dueMs = Math.max(this.#dueMs, this.#clock.now() - this.#cohortMs) + this.#cohortMs;
    const count = Math.ceil(this.#queue.length / this.#cohorts);
    for (let served = 0; served < count && this.active; served++) {
      const turn = this.#queue[this.#next]!;
      this.#next = (this.#next + 1) % this.#queue.length;
      turn.seenBytes = this.#appendedBytes;
      turn.client.flush();
    }
    this.#arm();
  }
}
