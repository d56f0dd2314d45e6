import { type OrchestratorHooks, tell, warnOfHook } from '../hooks.ts';
import { OrchestratorError } from '../orchestrator-error.ts';
import type { Clock } from '../time/clock.ts';
import type { Lease } from './lease.ts';
import type { LeaseLedger, LeaseRequest } from './lease-ledger.ts';

/**
 * Asked to give up a slot that a lingering session holds, on one engine or on any: true when one is on its way.
 * Asked once for each request that finds its engines full. What it throws becomes a process warning, and means false.
 */
export type Reclaim = (engineId?: string) => boolean;

export interface QueueOptions {
  readonly clock: Clock;
  readonly hooks: OrchestratorHooks;
  readonly ledger: LeaseLedger;
  readonly reclaim: Reclaim | undefined;
  /** A request has to wait. */
  readonly onWait: () => void;
  /** A request waits no longer. */
  readonly onSettled: () => void;
  /** Whether waiting can help this request at all. */
  readonly isHopeless: (request: LeaseRequest) => boolean;
  /** The error of a request that is refused now. */
  readonly refuse: (request: LeaseRequest) => OrchestratorError;
}

interface Waiter {
  readonly request: LeaseRequest;
  readonly since: number;
  reclaimAsked: boolean;
  /** A lingering session is giving a slot up. */
  reclaimPromised: boolean;
  /** Ends the waiting, and with it its timer and listener. False when it had ended before. */
  settle(outcome: { lease: Lease } | { error: unknown }): boolean;
}

/**
 * Requests that wait for a slot, first come, first served: one that cannot use a slot lets the next one have it.
 *
 * Invariant: outside of {@link serve} no waiter could be served, so a new request overtakes nobody.
 */
export class LeaseQueue {
  readonly #options: QueueOptions;
  readonly #waiters = new Set<Waiter>();
  #closed = false;
  #serving = false;
  #changed = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Requests that nothing on its way will serve: no slot was promised to them. */
  get unserved(): number {
    let count = 0;
    for (const { reclaimPromised } of this.#waiters) if (!reclaimPromised) count += 1;
    return count;
  }

  acquire(request: LeaseRequest, timeoutMs: number, signal: AbortSignal | undefined): Promise<Lease> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    return new Promise((resolve, reject) => {
      const { clock } = this.#options;
      let cancelTimeout: (() => void) | undefined;
      const onAbort = (): void => void waiter.settle({ error: signal?.reason });
      const waiter: Waiter = {
        request,
        since: clock.now(),
        reclaimAsked: false,
        reclaimPromised: false,
        settle: (outcome) => {
          if (!this.#waiters.delete(waiter)) return false;
          cancelTimeout?.();
          signal?.removeEventListener('abort', onAbort);
          this.#options.onSettled();
          if ('lease' in outcome) resolve(outcome.lease);
          else reject(outcome.error);
          return true;
        },
      };
      this.#waiters.add(waiter);
      if (this.#closed) return this.#refuse(waiter);
      if (!request.evenIfDead && this.#options.ledger.deadForMs(request) > 0) return this.#refuse(waiter);
      // Nobody else could use a slot, or they would have it.
      if (this.#serving) this.#changed = true;
      else this.#tryToServe(waiter);
      if (!this.#waiters.has(waiter)) return;
      if (timeoutMs === 0 || this.#options.isHopeless(request)) return this.#refuse(waiter);
      cancelTimeout = clock.after(timeoutMs, () => this.#refuse(waiter));
      signal?.addEventListener('abort', onAbort);
      this.#options.onWait();
    });
  }

  /** Gives free slots to those who wait. Called after everything that may have freed one. */
  serve(): void {
    this.#changed = true;
    if (this.#serving) return;
    this.#serving = true;
    while (this.#changed) {
      this.#changed = false;
      for (const waiter of this.#waiters) this.#tryToServe(waiter);
    }
    this.#serving = false;
  }

  /** Refuses those for whom waiting cannot help any more. */
  review(): void {
    for (const waiter of this.#waiters) if (this.#options.isHopeless(waiter.request)) this.#refuse(waiter);
  }

  close(): void {
    this.#closed = true;
    for (const waiter of this.#waiters) this.#refuse(waiter);
  }

  #tryToServe(waiter: Waiter): void {
    const { ledger, clock } = this.#options;
    const { request } = waiter;
    const [best] = ledger.free(request);
    if (best !== undefined) {
      const lease = ledger.take(best, request, clock.now() - waiter.since);
      // A hook that `take` calls may have made this request withdraw.
      if (!waiter.settle({ lease })) void lease.release();
    } else if (!waiter.reclaimAsked) {
      this.#askToReclaim(waiter);
    }
  }

  #askToReclaim(waiter: Waiter): void {
    const { ledger, reclaim } = this.#options;
    if (reclaim === undefined) return;
    const full = ledger.full(waiter.request);
    if (full.length === 0) return;
    waiter.reclaimAsked = true;
    // Some engines are no use to this request even with a free slot: then only the others are asked about.
    const isPicky = ledger
      .obstacles(waiter.request)
      .some((obstacle) => obstacle === 'excluded' || obstacle === 'same-content');
    const asked = isPicky ? full.map((record) => record.engine.id) : [undefined];
    waiter.reclaimPromised = asked.some((engineId) => askSafely(reclaim, engineId));
  }

  #refuse(waiter: Waiter): void {
    const { hooks, refuse, clock } = this.#options;
    const error = this.#closed
      ? new OrchestratorError('closed', `No engine for ${waiter.request.key}: the orchestrator is closed`)
      : refuse(waiter.request);
    waiter.settle({ error });
    const { key } = waiter.request;
    tell(hooks, 'leaseRefused', { key, code: error.code, waitedMs: clock.now() - waiter.since });
  }
}

function askSafely(reclaim: Reclaim, engineId: string | undefined): boolean {
  try {
    return reclaim(engineId);
  } catch (error) {
    warnOfHook(error);
    return false;
  }
}
