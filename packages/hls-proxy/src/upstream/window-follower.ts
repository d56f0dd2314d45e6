import type { UpstreamSegment, UpstreamWindow } from './read-playlist.ts';

/** An older window this often in a row is no stale copy any more: the upstream counts from anew. */
const RESTART_AFTER = 2;

/** Finds what is new in each window of one playlist, however far it moved. */
export class WindowFollower {
  readonly #initialSegments: number;
  #next: number | undefined;
  #olderInARow = 0;

  /** @param initialSegments taken at most from the first window, its newest */
  constructor(initialSegments: number) {
    this.#initialSegments = initialSegments;
  }

  /** Whether a window has segments that have not been taken. */
  hasNew({ segments }: UpstreamWindow): boolean {
    const newest = segments.at(-1);
    return newest !== undefined && (this.#next === undefined || newest.sequence >= this.#next);
  }

  /** New segments, oldest first. What was missed in between, or a new count, shows as a discontinuity. */
  take({ segments }: UpstreamWindow): UpstreamSegment[] {
    const newest = segments.at(-1);
    if (newest === undefined) return [];
    const next = this.#next;
    if (next === undefined) {
      const [first, ...rest] = segments.slice(-this.#initialSegments);
      this.#next = newest.sequence + 1;
      return [{ ...first!, discontinuity: false }, ...rest];
    }
    if (newest.sequence < next - 1) {
      this.#olderInARow++;
      if (this.#olderInARow < RESTART_AFTER) return [];
      this.#olderInARow = 0;
      this.#next = newest.sequence + 1;
      return discontinuous(segments.slice(-this.#initialSegments));
    }
    this.#olderInARow = 0;
    this.#next = newest.sequence + 1;
    const fresh = segments.filter(({ sequence }) => sequence >= next);
    return fresh[0] !== undefined && fresh[0].sequence > next ? discontinuous(fresh) : fresh;
  }
}

function discontinuous([first, ...rest]: readonly UpstreamSegment[]): UpstreamSegment[] {
  return first === undefined ? [] : [{ ...first, discontinuity: true }, ...rest];
}
