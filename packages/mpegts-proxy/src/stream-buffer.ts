import { discontinuityPackets } from './discontinuity-marker.ts';
import { MediaIndex } from './media-index.ts';
import { Ring, SLAB_BYTES } from './ring.ts';
import type { SpliceTarget } from './splice.ts';

/** Where a client starts, or goes on after it fell out of the ring. */
export interface StartPoint {
  readonly offset: number;
  /** Packets to send first. */
  readonly prefix: Uint8Array;
}

export interface StreamBufferOptions {
  /** Bytes the ring may take now: the setting, or less when memory is short. */
  readonly limitBytes: () => number;
  readonly maxDurationMs: number;
  readonly programNumber: number | undefined;
  readonly allocated: (deltaBytes: number) => void;
}

/** The ring and the index over it: everything that is known about the newest media of a stream. */
export class StreamBuffer implements SpliceTarget {
  readonly ring: Ring;
  readonly index: MediaIndex;
  readonly #options: StreamBufferOptions;
  #inserted: { from: number; to: number }[] = [];

  constructor(options: StreamBufferOptions) {
    this.#options = options;
    this.ring = new Ring(options.allocated);
    this.index = new MediaIndex({ programNumber: options.programNumber });
  }

  get inserted(): readonly { readonly from: number; readonly to: number }[] {
    return this.#inserted;
  }

  /** Appends whole packets that a source sent. */
  append(run: Uint8Array, nowMs: number): void {
    this.index.scan(run, this.ring.head, nowMs);
    this.ring.append(run);
    this.trim();
  }

  /** Appends packets that no source sent at this place. PSI is read like any other; the rest only passes through. */
  insert(packets: Uint8Array, nowMs: number, options: { psi: boolean }): void {
    const from = this.ring.head;
    if (options.psi) this.index.scan(packets, from, nowMs);
    this.ring.append(packets);
    this.#inserted.push({ from, to: this.ring.head });
  }

  /** Drops what lies beyond the limits. The newest slab always stays. */
  trim(): void {
    const { ring, index } = this;
    const { maxDurationMs } = this.#options;
    const before = ring.tail;
    const limitBytes = Math.max(this.#options.limitBytes(), 2 * SLAB_BYTES);
    while (
      ring.heldBytes > SLAB_BYTES &&
      (ring.heldBytes > limitBytes || index.timeline.headMs - index.timeline.timeAt(ring.nextTail) > maxDurationMs)
    ) {
      ring.dropOldestSlab();
    }
    if (ring.tail === before) return;
    index.dropBefore(ring.tail);
    this.#inserted = this.#inserted.filter(({ to }) => to > ring.tail);
  }

  /**
   * Where a client that wants to be `behindMs` behind live starts: at a keyframe, with the PAT and PMT in force there.
   *
   * @param settle start at a packet boundary where there is no keyframe, instead of waiting for one
   * @returns undefined while there is nothing to start from
   */
  startPoint(behindMs: number, options: { settle: boolean }): StartPoint | undefined {
    const { ring, index } = this;
    if (ring.head === ring.tail) return undefined;
    const wantedMs = index.timeline.headMs - behindMs;
    const keyframe = index.keyframeAt(wantedMs) ?? index.oldestKeyframe;
    if (keyframe !== undefined) return { offset: keyframe.offset, prefix: keyframe.psi };
    const audioOnly = index.program !== undefined && !index.expectsKeyframes;
    if (!audioOnly && !options.settle) return undefined;
    const offset = Math.max(index.timeline.offsetAt(wantedMs) ?? ring.tail, ring.tail);
    return { offset, prefix: index.psi };
  }

  /** Where a client that fell out goes on: at the newest keyframe, announced as a discontinuity. */
  resumePoint(): StartPoint {
    const { ring, index } = this;
    const keyframe = index.newestKeyframe;
    const offset = keyframe?.offset ?? index.timeline.offsetAt(index.timeline.headMs) ?? ring.tail;
    const psi = keyframe?.psi ?? index.psi;
    const flags = discontinuityPackets(Buffer.concat([psi, ring.view(Math.max(offset, ring.tail))]));
    return { offset: Math.max(offset, ring.tail), prefix: Buffer.concat([flags, psi]) };
  }

  /** Media between a place and the head, in milliseconds. */
  lagMs(offset: number): number {
    return this.index.timeline.headMs - this.index.timeline.timeAt(offset);
  }

  clear(): void {
    this.ring.clear();
    this.index.dropBefore(this.ring.tail);
    this.#inserted = [];
  }
}
