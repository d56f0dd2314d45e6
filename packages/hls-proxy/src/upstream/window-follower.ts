import type { UpstreamSegment, UpstreamWindow } from './read-playlist.ts';

/** An older window this often in a row is no stale copy any more: the upstream counts from anew. */
const RESTART_AFTER = 2;

/** Finds what is new in each window of one playlist, however far it moved. */
export class WindowFollower {
  readonly #initialSegments: number;
  #next: number | undefined;
  #newest: UpstreamSegment | undefined;
  #olderInARow = 0;

  /** @param initialSegments taken at most from the first window, its newest */
  constructor(initialSegments: number) {
    this.#initialSegments = initialSegments;
  }

  /** Whether a window has segments that have not been taken. */
  hasNew({ segments }: UpstreamWindow): boolean {
    const newest = this.#renumbered(segments).at(-1);
    return newest !== undefined && (this.#next === undefined || newest.sequence >= this.#next);
  }

  /** New segments, oldest first. What was missed in between, or a new count, shows as a discontinuity. */
  take(window: UpstreamWindow): UpstreamSegment[] {
    const segments = this.#renumbered(window.segments);
    const newest = segments.at(-1);
    if (newest === undefined) return [];
    const next = this.#next;
    if (next === undefined) {
      const [first, ...rest] = segments.slice(-this.#initialSegments);
      this.#moveTo(newest);
      return [{ ...first!, discontinuity: false }, ...rest];
    }
    if (newest.sequence < next - 1) {
      this.#olderInARow++;
      if (this.#olderInARow < RESTART_AFTER) return [];
      this.#moveTo(newest);
      return discontinuous(segments.slice(-this.#initialSegments));
    }
    this.#moveTo(newest);
    const fresh = segments.filter(({ sequence }) => sequence >= next);
    return fresh[0] !== undefined && fresh[0].sequence > next ? discontinuous(fresh) : fresh;
  }

  #moveTo(newest: UpstreamSegment): void {
    this.#olderInARow = 0;
    this.#next = newest.sequence + 1;
    this.#newest = newest;
  }

  /**
   * Some servers move their window and leave EXT-X-MEDIA-SEQUENCE as it was. Where numbers say that nothing is new, and
   * the newest segment is found at an older place, the window is numbered from there.
   */
  #renumbered(segments: readonly UpstreamSegment[]): readonly UpstreamSegment[] {
    const last = segments.at(-1);
    const newest = this.#newest;
    if (newest === undefined || last === undefined || last.sequence > newest.sequence) return segments;
    const known = segments.findLast((segment) => isSame(segment, newest));
    if (known === undefined || known.sequence >= newest.sequence) return segments;
    const shift = newest.sequence - known.sequence;
    return segments.map((segment) => ({ ...segment, sequence: segment.sequence + shift }));
  }
}

function isSame(a: UpstreamSegment, b: UpstreamSegment): boolean {
  return a.url === b.url && a.span?.offset === b.span?.offset;
}

function discontinuous([first, ...rest]: readonly UpstreamSegment[]): UpstreamSegment[] {
  return first === undefined ? [] : [{ ...first, discontinuity: true }, ...rest];
}
