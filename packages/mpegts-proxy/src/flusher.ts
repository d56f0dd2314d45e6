import type { Clock, ProxySettings } from './contract.ts';

/** Clients served in one go: at some 25 µs a write this stays under about 2 ms. */
const COHORT_CLIENTS = 64;
const FEW_CLIENTS = 20;
const MANY_CLIENTS = 200;

export interface Flushable {
  flush(): void;
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
 * Where bytes come faster than that, `batch.maxBytes` of them start a round at once. The timer runs only while some
 * cohort has not seen the newest bytes.
 */
export class Flusher {
  readonly #clock: Clock;
  readonly #settings: ProxySettings['batch'];
  readonly #clients: Flushable[] = [];
  #nextClient = 0;
  /** Cohorts that have yet to be served before every client has seen the newest bytes. */
  #cohortsLeft = 0;
  #gatheredBytes = 0;
  #cancelTimer: (() => void) | undefined;
  #immediate: NodeJS.Immediate | undefined;

  constructor(clock: Clock, settings: ProxySettings['batch']) {
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Whether a round is under way: clients will be served without asking. */
  get active(): boolean {
    return this.#cohortsLeft > 0;
  }

  add(client: Flushable): void {
    this.#clients.push(client);
  }

  remove(client: Flushable): void {
    const index = this.#clients.indexOf(client);
    if (index < 0) return;
    this.#clients.splice(index, 1);
    if (index < this.#nextClient) this.#nextClient--;
  }

  /** Bytes have been appended. */
  wake(bytes: number): void {
    if (this.#clients.length === 0) return;
    this.#cohortsLeft = this.#cohorts;
    this.#gatheredBytes += bytes;
    if (this.#gatheredBytes >= this.#settings.maxBytes) this.#serveSoon();
    else this.#arm();
  }

  stop(): void {
    this.#cohortsLeft = 0;
    this.#disarm();
    if (this.#immediate !== undefined) clearImmediate(this.#immediate);
    this.#immediate = undefined;
  }

  get #cohorts(): number {
    return Math.ceil(this.#clients.length / COHORT_CLIENTS);
  }

  get #batchMs(): number {
    const { minMs, maxMs } = this.#settings;
    const share = (this.#clients.length - FEW_CLIENTS) / (MANY_CLIENTS - FEW_CLIENTS);
    return minMs + (maxMs - minMs) * Math.min(1, Math.max(0, share));
  }

  #arm(): void {
    if (this.#cancelTimer !== undefined || this.#immediate !== undefined) return;
    this.#cancelTimer = this.#clock.after(this.#batchMs / this.#cohorts, () => {
      this.#cancelTimer = undefined;
      this.#serveCohort();
      if (this.#cohortsLeft > 0) this.#arm();
    });
  }

  #disarm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** A full round without waiting; other work gets its turn between cohorts. */
  #serveSoon(): void {
    if (this.#immediate !== undefined) return;
    this.#disarm();
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      this.#serveCohort();
      if (this.#cohortsLeft > 0) this.#serveSoon();
    });
  }

  #serveCohort(): void {
    const count = Math.ceil(this.#clients.length / this.#cohorts);
    for (let served = 0; served < count; served++) {
      if (this.#nextClient >= this.#clients.length) this.#nextClient = 0;
      this.#clients[this.#nextClient++]?.flush();
    }
    this.#cohortsLeft = Math.max(0, this.#cohortsLeft - 1);
    if (this.#cohortsLeft === 0) this.#gatheredBytes = 0;
  }
}
