import { once } from 'node:events';
import type { FaultName, FaultParameters } from './fault-table.ts';
import type { FaultReach } from './resolve-settings.ts';

/** A fault that is set. It counts what it met, and tells when it is cleared. */
export class ActiveFault<N extends FaultName = FaultName> {
  readonly name: N;
  readonly parameters: FaultParameters[N];
  readonly reach: FaultReach;
  /** Unix ms, by the engine's clock. */
  readonly setAtMs: number;
  /** How many requests or readers it has met. */
  #met = 0;
  readonly #cleared = new AbortController();

  constructor(name: N, parameters: FaultParameters[N], reach: FaultReach, setAtMs: number) {
    this.name = name;
    this.parameters = parameters;
    this.reach = reach;
    this.setAtMs = setAtMs;
  }

  get met(): number {
    return this.#met;
  }

  /** Whether it has met as many as it was to meet. A spent fault stays listed until it is cleared. */
  get spent(): boolean {
    return this.reach.times !== undefined && this.#met >= this.reach.times;
  }

  get cleared(): boolean {
    return this.#cleared.signal.aborted;
  }

  meet(): void {
    this.#met += 1;
  }

  clear(): void {
    this.#cleared.abort();
  }

  /** Waits until the fault is cleared or `signal` aborts; says whether it was cleared. */
  async untilCleared(signal: AbortSignal): Promise<boolean> {
    if (!this.cleared && !signal.aborted) {
      await once(this.#cleared.signal, 'abort', { signal }).catch(() => undefined);
    }
    return this.cleared && !signal.aborted;
  }
}

/** Any fault that is set, to be told apart by `name`. */
export type AnyActiveFault = { [N in FaultName]: ActiveFault<N> }[FaultName];
