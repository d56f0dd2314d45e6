import type { Part, Segment, SegmentResource } from './segment-source.ts';
import type { NamedResource, StoredSegment } from './stored-segment.ts';

export interface WindowLimits {
  /** Listed segments, more while they are shorter than five target durations together or have just come. */
  readonly segments: number;
  /** Segments that stay listed whatever they weigh. */
  readonly minSegments: number;
  readonly maxBytes: number;
  readonly targetDurationMs: number;
}

/**
 * A player loads the playlist at least every target duration (RFC 8216 §6.3.4). What came in a burst stays listed until
 * each has done so, and a little longer for the load itself.
 */
const LISTED_FOR_TARGETS = 1.5;

/** What became of a segment. */
export interface SegmentOutcome {
  readonly state: 'complete' | 'lost';
  readonly durationMs: number;
  readonly nowMs: number;
}

/** Where a window starts: 0 and 0, or where an earlier window of the same URL stopped. */
export interface WindowStart {
  readonly nextNumber: number;
  readonly discontinuitySequence: number;
}

/**
 * The segments of one session, oldest first. Numbers are consecutive and never used twice.
 *
 * ```text
 *   all:   retired … retired | listed … listed   (open)
 *          still served        in the playlist    its parts, for low latency
 *                             ▲ mediaSequence
 * ```
 */
export class LiveWindow {
  readonly #all: StoredSegment[] = [];
  readonly #names = new WeakMap<SegmentResource, NamedResource>();
  /** Index in `#all` of the first listed segment. */
  #listedFrom = 0;
  #nextNumber: number;
  #nextResource = 0;
  #retiredDiscontinuities: number;
  #listedDurationMs = 0;
  #retiredDurationMs = 0;
  #bytes = 0;
  readonly #continues: boolean;

  constructor(start: WindowStart = { nextNumber: 0, discontinuitySequence: 0 }) {
    this.#nextNumber = start.nextNumber;
    this.#retiredDiscontinuities = start.discontinuitySequence;
    this.#continues = start.nextNumber > 0;
  }

  /** Number of the first listed segment, or of the next one when there is none. */
  get mediaSequence(): number {
    return this.#all[this.#listedFrom]?.number ?? this.#nextNumber;
  }

  /** Discontinuities before the first listed segment's own (RFC 8216 §4.3.3.3). */
  get discontinuitySequence(): number {
    return this.#retiredDiscontinuities;
  }

  /** Where a later window of the same URL has to start. */
  get end(): WindowStart {
    const listed = this.#all.slice(this.#listedFrom).filter(({ discontinuity }) => discontinuity).length;
    return { nextNumber: this.#nextNumber, discontinuitySequence: this.#retiredDiscontinuities + listed };
  }

  get bytes(): number {
    return this.#bytes;
  }

  get retired(): number {
    return this.#listedFrom;
  }

  /** Listed segments that are complete or lost, oldest first. */
  get listed(): readonly StoredSegment[] {
    return this.#all.slice(this.#listedFrom, this.open === undefined ? undefined : -1);
  }

  get listedCount(): number {
    return this.#all.length - this.#listedFrom - (this.open === undefined ? 0 : 1);
  }

  get listedDurationMs(): number {
    return this.#listedDurationMs;
  }

  /** The segment whose parts are arriving. */
  get open(): StoredSegment | undefined {
    const last = this.#all.at(-1);
    return last?.state === 'open' ? last : undefined;
  }

  /** Number of the newest complete or lost segment; one less than the first when there is none yet. */
  get lastNumber(): number {
    return this.#nextNumber - 1 - (this.open === undefined ? 0 : 1);
  }

  /** Number of the segment that arrives, or will arrive next. */
  get arrivingNumber(): number {
    return this.lastNumber + 1;
  }

  /** A segment that is kept, listed or not. */
  find(number: number): StoredSegment | undefined {
    const first = this.#all[0];
    return first === undefined ? undefined : this.#all[number - first.number];
  }

  /** Milliseconds of the media that is there after a segment, or after a part of it; of all that is kept without one. */
  durationAfterMs(at: { readonly number: number; readonly part: number | undefined } | undefined): number {
    let durationMs = 0;
    for (let index = this.#all.length - 1; index >= 0; index--) {
      const { number, parts, durationMs: whole } = this.#all[index]!;
      if (at !== undefined && number <= at.number) {
        const after = number < at.number || at.part === undefined ? [] : parts.slice(at.part + 1);
        for (const part of after) durationMs += part.durationMs;
        break;
      }
      durationMs += whole;
    }
    return Math.round(durationMs);
  }

  findResource(name: string): SegmentResource | undefined {
    for (const { map, key } of this.#all) {
      if (map?.name === name) return map.resource;
      if (key?.named?.name === name) return key.named.resource;
    }
    return undefined;
  }

  /** Starts a segment after the newest one. */
  begin(segment: Segment, discontinuity: boolean): StoredSegment {
    const { key } = segment;
    const isFirst = this.#all.length === 0 && !this.#continues;
    const stored: StoredSegment = {
      number: this.#nextNumber++,
      discontinuity: !isFirst && (discontinuity || this.#all.length === 0),
      programDateTimeMs: segment.programDateTimeMs,
      extension: segment.extension ?? 'ts',
      contentType: segment.contentType ?? 'video/mp2t',
      map: segment.map && this.#named('map', segment.map),
      key: key && { of: key, named: typeof key.key === 'string' ? undefined : this.#named('key', key.key) },
      parts: [],
      byteLength: 0,
      durationMs: 0,
      listedAtMs: 0,
      state: 'open',
      whole: undefined,
    };
    this.#all.push(stored);
    return stored;
  }

  addPart(stored: StoredSegment, part: Part): void {
    stored.parts.push(part);
    stored.byteLength += part.byteLength;
    stored.durationMs += part.durationMs;
    this.#bytes += part.byteLength;
  }

  /** Lists a segment. A lost one keeps its place and loses its bytes. */
  settle(stored: StoredSegment, { state, durationMs, nowMs }: SegmentOutcome, limits: WindowLimits): void {
    stored.state = state;
    stored.durationMs = durationMs;
    stored.listedAtMs = nowMs;
    this.#listedDurationMs += durationMs;
    if (state === 'lost') this.#dropBytes(stored);
    this.#trim(limits, nowMs);
  }

  /** Brings the window inside its limits. */
  #trim(limits: WindowLimits, nowMs: number): void {
    const enoughMs = 5 * limits.targetDurationMs;
    const seenSinceMs = nowMs - LISTED_FOR_TARGETS * limits.targetDurationMs;
    while (this.listedCount > limits.segments) {
      const { durationMs, listedAtMs } = this.#all[this.#listedFrom]!;
      if (this.#listedDurationMs - durationMs < enoughMs || listedAtMs > seenSinceMs) break;
      this.#retire();
    }
    // RFC 8216 §6.2.2: a removed segment stays for its own duration and that of the longest playlist that had it.
    const keepMs = this.#listedDurationMs + limits.targetDurationMs;
    while (this.#listedFrom > 0) {
      const fits = this.#bytes <= limits.maxBytes;
      if (fits && this.#retiredDurationMs - this.#all[0]!.durationMs < keepMs) break;
      this.#forget();
    }
    while (this.#bytes > limits.maxBytes && this.listedCount > limits.minSegments) {
      this.#retire();
      this.#forget();
    }
  }

  #retire(): void {
    const oldest = this.#all[this.#listedFrom]!;
    this.#listedFrom++;
    this.#listedDurationMs -= oldest.durationMs;
    this.#retiredDurationMs += oldest.durationMs;
    if (oldest.discontinuity) this.#retiredDiscontinuities++;
  }

  #forget(): void {
    const oldest = this.#all.shift()!;
    this.#listedFrom--;
    this.#retiredDurationMs -= oldest.durationMs;
    this.#dropBytes(oldest);
  }

  #dropBytes(stored: StoredSegment): void {
    this.#bytes -= stored.byteLength;
    stored.parts.length = 0;
    stored.whole = undefined;
    stored.byteLength = 0;
  }

  #named(kind: string, resource: SegmentResource): NamedResource {
    const known = this.#names.get(resource);
    if (known !== undefined) return known;
    const named = { name: `${kind}${this.#nextResource++}.${resource.extension ?? 'bin'}`, resource };
    this.#names.set(resource, named);
    return named;
  }
}
