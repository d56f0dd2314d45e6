import { PacketRuns } from './packet-runs.ts';
import type { Part } from './segment-contract.ts';

export type CutEvent =
  /** A segment begins; told with its first part. */
  | { readonly type: 'segment'; readonly discontinuity: boolean; readonly startMediaMs: number }
  | { readonly type: 'part'; readonly part: Part }
  /** The segment that began last is complete. */
  | { readonly type: 'end'; readonly durationMs: number };

export interface OpenSegmentOptions {
  readonly discontinuity: boolean;
  /** When its first unit is shown. */
  readonly startMs: number;
  /** The same by the media clock, which never stands still. */
  readonly startMediaMs: number;
  /** PAT and PMT. */
  readonly psi: Uint8Array;
  readonly partDurationMs: number;
  readonly emit: (event: CutEvent) => void;
}

/** The segment that is being filled, part by part. */
export class OpenSegment {
  readonly startMs: number;
  readonly startMediaMs: number;
  readonly #options: OpenSegmentOptions;
  readonly #runs = new PacketRuns();
  #partStartMs: number;
  /** A keyframe begins in the part that is being filled. */
  #independent = false;
  /** Where the newest unit begins: where the part ends if that unit turns out to be too long for it. */
  #mark: { readonly timeMs: number; readonly bytes: number; readonly independent: boolean } | undefined;
  #announced = false;

  constructor(options: OpenSegmentOptions) {
    this.#options = options;
    this.startMs = options.startMs;
    this.startMediaMs = options.startMediaMs;
    this.#partStartMs = options.startMs;
    this.#runs.add(options.psi, 0, options.psi.length);
  }

  add(bytes: Uint8Array, from: number, to: number): void {
    this.#runs.add(bytes, from, to);
  }

  keyframeBegan(): void {
    this.#independent = true;
  }

  /** A unit is about to be added: the part ends before it if it would be too long with it. */
  unit(timeMs: number, stepMs: number): void {
    const limitMs = this.#options.partDurationMs + 0.5;
    const mark = this.#mark;
    if (timeMs - this.#partStartMs > limitMs && mark !== undefined) {
      const isRestIndependent = this.#independent && !mark.independent;
      this.#independent = mark.independent;
      this.#endPart(mark.timeMs, mark.bytes);
      this.#independent = isRestIndependent;
    }
    if (timeMs - this.#partStartMs + stepMs > limitMs && timeMs > this.#partStartMs) this.#endPart(timeMs);
    else if (timeMs > this.#partStartMs) {
      this.#mark = { timeMs, bytes: this.#runs.byteLength, independent: this.#independent };
    }
  }

  end(timeMs: number): void {
    this.unit(timeMs, 0);
    const endMs = Math.max(timeMs, this.#partStartMs);
    if (this.#runs.byteLength > 0) this.#endPart(endMs);
    this.#options.emit({ type: 'end', durationMs: endMs - this.startMs });
  }

  #endPart(timeMs: number, byteLength = this.#runs.byteLength): void {
    const { emit, discontinuity, startMediaMs } = this.#options;
    if (!this.#announced) emit({ type: 'segment', discontinuity, startMediaMs });
    this.#announced = true;
    const durationMs = timeMs - this.#partStartMs;
    const part = { durationMs, independent: this.#independent, data: this.#runs.take(byteLength), byteLength };
    emit({ type: 'part', part: Object.freeze(part) });
    this.#partStartMs = timeMs;
    this.#independent = false;
    this.#mark = undefined;
  }
}
