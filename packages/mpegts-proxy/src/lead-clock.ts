import { msBetween, type PesTimes } from './pes-time.ts';

/** A step back by more than this, or on by more than {@link MAX_STEP_MS}, is another time base and no media. */
const MAX_BACKSTEP_MS = 500;
const MAX_STEP_MS = 10_000;
/** A longer step is no frame. */
const MAX_FRAME_MS = 2_000;

/** When an access unit of the leading stream is decoded and shown, in milliseconds since the time base began. */
export interface Unit {
  /** Follows the DTS. */
  readonly decodeMs: number;
  /** From decoding to presentation. */
  readonly reorderMs: number;
}

/**
 * Time along the access units of the stream that leads: by their timestamps over the 33-bit wrap, by media time where
 * there are none (scrambled).
 */
export class LeadClock {
  #last: { readonly times: PesTimes | undefined; readonly mediaMs: number; readonly decodeMs: number } | undefined;
  #stepMs = 0;

  /** From one unit to the next. */
  get stepMs(): number {
    return this.#stepMs;
  }

  /** Takes the next unit; undefined when its time base is another one. */
  unit(times: PesTimes | undefined, mediaMs: number): Unit | undefined {
    const last = this.#last;
    let stepMs = 0;
    if (last?.times !== undefined && times !== undefined) stepMs = msBetween(last.times.dts, times.dts);
    else if (last !== undefined) stepMs = mediaMs - last.mediaMs;
    if (stepMs < -MAX_BACKSTEP_MS || stepMs > MAX_STEP_MS) return undefined;
    if (stepMs > 0 && stepMs < MAX_FRAME_MS) this.#stepMs = stepMs;
    const decodeMs = (last?.decodeMs ?? 0) + Math.max(0, stepMs);
    this.#last = { times, mediaMs, decodeMs };
    return { decodeMs, reorderMs: times === undefined ? 0 : msBetween(times.dts, times.pts) };
  }

  /** When something of another stream is shown; undefined where that cannot be told. */
  timeOf(times: PesTimes | undefined): number | undefined {
    if (times === undefined || this.#last?.times === undefined) return undefined;
    return this.#last.decodeMs + msBetween(this.#last.times.dts, times.pts);
  }

  /** When the newest unit ends. */
  get endMs(): number {
    return (this.#last?.decodeMs ?? 0) + this.#stepMs;
  }
}
