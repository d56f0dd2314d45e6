import type { ProxySettings } from './contract.ts';
import { DiscontinuityMarker } from './discontinuity-marker.ts';
import type { SourceEnd } from './source-pump.ts';
import { type Splice, Splicer } from './splice.ts';
import type { StreamBuffer } from './stream-buffer.ts';

/** The time without a source that is in use, from the trouble of one to the splice of the next. */
export interface Outage {
  readonly sinceMs: number;
  /** The source that has to be replaced. */
  readonly from: string;
  /** Why; a silent one may still end by itself. */
  readonly end: SourceEnd;
  /** Media it had delivered. */
  readonly deliveredMs: number;
}

/** Joins the source that follows to the buffer, and announces a cut to decoders. */
export class Recovery {
  readonly #buffer: StreamBuffer;
  readonly #settings: ProxySettings;
  #outage: Outage | undefined;
  #splicer: Splicer | undefined;
  #firstPacketMs = 0;
  #marker: DiscontinuityMarker | undefined;

  constructor(buffer: StreamBuffer, settings: ProxySettings) {
    this.#buffer = buffer;
    this.#settings = settings;
  }

  get outage(): Outage | undefined {
    return this.#outage;
  }

  /** A source is in trouble. During an outage the first one counts, with the newest reason. */
  begin(outage: Outage): void {
    this.#outage = this.#outage === undefined ? outage : { ...this.#outage, end: outage.end };
  }

  /** The source is well again. */
  cancel(): void {
    this.#outage = undefined;
    this.#splicer = undefined;
  }

  /** The source that offered packets is gone: the next one is compared anew. */
  restart(): void {
    this.#splicer = undefined;
  }

  /**
   * Takes packets of the source that may follow.
   *
   * @returns how it can be joined, once that is known; {@link join} then does it
   */
  offer(run: Uint8Array, nowMs: number): Splice | undefined {
    if (this.#outage === undefined) return undefined;
    const { recovery, join } = this.#settings;
    if (this.#splicer === undefined) {
      this.#firstPacketMs = nowMs;
      this.#splicer = new Splicer(this.#buffer, {
        maxSearchBytes: recovery.searchBytes,
        programNumber: this.#settings.programNumber,
      });
    }
    const splice = this.#splicer.push(run, nowMs);
    const waitedMs = nowMs - this.#firstPacketMs;
    if (splice !== undefined || waitedMs < recovery.searchMs) return splice;
    return this.#splicer.cut(waitedMs >= recovery.searchMs + join.maxKeyframeWaitMs);
  }

  /** Puts the new source's bytes behind the old one's. */
  join(splice: Splice, nowMs: number): void {
    this.cancel();
    this.#marker = undefined;
    if (splice.kind !== 'exact') {
      this.#marker = new DiscontinuityMarker(this.#buffer.index.seenPids());
      this.#buffer.index.cut();
      this.#marker.mark(splice.psi, (bytes, inserted) => this.#buffer.insert(bytes, nowMs, { psi: !inserted }));
    }
    for (const bytes of splice.runs) this.append(bytes, nowMs);
  }

  /** Appends what the source in use sends, marked as long as a cut is not announced on every PID. */
  append(run: Uint8Array, nowMs: number): void {
    if (this.#marker === undefined) return this.#buffer.append(run, nowMs);
    this.#marker.mark(run, (bytes, inserted) => {
      if (inserted) this.#buffer.insert(bytes, nowMs, { psi: false });
      else this.#buffer.append(bytes, nowMs);
    });
    if (this.#marker.done) this.#marker = undefined;
  }
}
