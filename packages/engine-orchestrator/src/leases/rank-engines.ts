/** What the choice of an engine depends on. */
export interface Candidate {
  readonly id: string;
  /** Slots in use. */
  readonly leases: number;
  readonly maxLeases: number;
  readonly forwarded: boolean;
  /** When a lease last began or ended here, monotonic milliseconds; undefined for never. */
  readonly lastLeaseAt: number | undefined;
  /** The caller wants any other engine rather than this one. */
  readonly avoided: boolean;
  /** This content failed here a short while ago. */
  readonly contentFailed: boolean;
  /** Recent failures of this engine, whatever it played. */
  readonly engineFailures: number;
}

/**
 * Puts engines in the order in which they should be tried, best first: not avoided, without a recent failure of
 * this content, with the fewest recent failures of any, with the lowest load, forwarded, least recently used.
 * The order is total (by id in the end), so it does not depend on the order of the input.
 */
export function rankEngines<C extends Candidate>(candidates: readonly C[]): C[] {
  return [...candidates].sort(compareCandidates);
}

function compareCandidates(a: Candidate, b: Candidate): number {
  return (
    Number(a.avoided) - Number(b.avoided) ||
    Number(a.contentFailed) - Number(b.contentFailed) ||
    a.engineFailures - b.engineFailures ||
    a.leases * b.maxLeases - b.leases * a.maxLeases ||
    Number(b.forwarded) - Number(a.forwarded) ||
    compareTimes(a.lastLeaseAt, b.lastLeaseAt) ||
    (a.id < b.id ? -1 : Number(a.id > b.id))
  );
}

/** Never comes before any time. */
function compareTimes(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return Number(b === undefined) - Number(a === undefined);
  return a - b;
}
