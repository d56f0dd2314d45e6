import type { Engine } from '../engine.ts';

/**
 * How a lease went: `content-bad` (this content could not be played there) and `engine-bad` (the engine failed)
 * make the engine come later for a while, the first for this content only. `content-dead` is a `content-bad` where the
 * engine said, or showed, that nobody has this content: once two engines did, it is refused for a while.
 */
export type LeaseOutcome = 'ok' | 'content-bad' | 'content-dead' | 'engine-bad';

/**
 * A slot on one engine, and the sole right to this content there. Both last until {@link release}, so tell the
 * engine to stop first, and release when it has.
 */
export interface Lease extends AsyncDisposable {
  readonly id: string;
  /** What it was acquired for. */
  readonly key: string;
  readonly engine: Engine;
  /**
   * Aborts when the engine dies or must be emptied, and when the orchestrator closes; the reason is an
   * `OrchestratorError`: `engine_unhealthy`, `engine_gone`, `engine_draining` or `closed`. Release the lease then:
   * a lease on a dead engine lapses by itself after `deadLeaseTimeoutMs`.
   */
  readonly signal: AbortSignal;
  /**
   * Says what the content really is (an infohash, say), so that no other key of the same content gets a lease on
   * this engine, and remembers it for later leases of this key. False when another lease there already has this
   * content: then the two are one session of the engine, so release this lease without telling the engine to stop.
   */
  identify(identity: string): boolean;
  /** Gives slot and content free. Repeated calls change nothing. Disposal is a release as `ok`. Never rejects. */
  release(outcome?: LeaseOutcome): Promise<void>;
}

export interface AcquireOptions {
  /** Withdraws the request; `acquire` then rejects with its reason. */
  readonly signal?: AbortSignal;
  /** Ids of engines that come last. */
  readonly avoid?: Iterable<string>;
  /** Ids of engines that must not be used. */
  readonly exclude?: Iterable<string>;
  /** What the content is, when that is known already; see {@link Lease.identify}. */
  readonly identity?: string;
  /** Asks for an engine even though the content was found dead, such as for a stream that players are watching. */
  readonly evenIfDead?: boolean;
  /** Longest wait; 0 answers at once. Default `acquireTimeoutMs` of the orchestrator. */
  readonly timeoutMs?: number;
}
