import type { Part, Segment, SegmentSource, SourceCloseReason } from '../segment-source.ts';

/** A segment whose parts and end are the test's to decide. */
export interface FakeSegment {
  /** A part arrives. Default 333 ms, of the bytes `segment.part`. */
  part(part?: { durationMs?: number; independent?: boolean; data?: readonly Uint8Array[] }): void;
  /** It is complete. Default as long as its parts. */
  finish(durationMs?: number): void;
  /** It is lost. */
  lose(error?: unknown): void;
}

export type FakeSegmentFields = Partial<Omit<Segment, 'parts' | 'done'>>;

export interface FakeSegments extends SegmentSource {
  /** Starts a segment, numbered on from the one before. */
  open(fields?: FakeSegmentFields): FakeSegment;
  /** A whole segment of one part. */
  segment(durationMs: number, fields?: FakeSegmentFields & { data?: readonly Uint8Array[] }): void;
  /** The stream is over. */
  end(): void;
  /** The source breaks. */
  fail(error: unknown): void;
  /** What `close` was called with, in order: more than one entry is a fault of the proxy. */
  readonly closedWith: readonly SourceCloseReason[];
}

/** Segments by hand, as a source. */
export function fakeSegments(options: { readonly targetDurationMs?: number } = {}): FakeSegments {
  const segments = new Queue<Segment>();
  const closedWith: SourceCloseReason[] = [];
  let sequence = 0;
  const open = (fields: FakeSegmentFields = {}): FakeSegment => {
    const parts = new Queue<Part>();
    const { promise, resolve, reject } = Promise.withResolvers<{ durationMs: number }>();
    promise.catch(() => {});
    const own = fields.sequence ?? sequence;
    sequence = own + 1;
    let count = 0;
    let arrivedMs = 0;
    const defaults = { sequence: own, discontinuity: false, programDateTimeMs: undefined };
    segments.push({ ...defaults, ...fields, parts, done: promise });
    return {
      part({ durationMs = 333, independent = count === 0, data = [Buffer.from(`${own}.${count}`)] } = {}) {
        count++;
        arrivedMs += durationMs;
        parts.push({ durationMs, independent, data, byteLength: data.reduce((sum, { length }) => sum + length, 0) });
      },
      finish(durationMs = arrivedMs) {
        parts.end();
        resolve({ durationMs });
      },
      lose(error = new Error('lost')) {
        parts.end();
        reject(error);
      },
    };
  };
  return {
    ...(options.targetDurationMs === undefined ? {} : { targetDurationMs: options.targetDurationMs }),
    [Symbol.asyncIterator]: () => segments[Symbol.asyncIterator](),
    open,
    segment(durationMs, { data, ...fields } = {}) {
      const segment = open(fields);
      segment.part({ durationMs, ...(data && { data }) });
      segment.finish();
    },
    end: () => segments.end(),
    fail: (error) => segments.fail(error),
    closedWith,
    async close(reason) {
      closedWith.push(reason);
      segments.end();
    },
  };
}

/** What is pushed comes out of the iteration, in order. */
class Queue<Item> implements AsyncIterable<Item> {
  readonly #items: Item[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  push(item: Item): void {
    this.#items.push(item);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  fail(error: unknown): void {
    this.#failure = { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for (;;) {
      const next = this.#items.shift();
      if (next !== undefined) yield next;
      else if (this.#failure !== undefined) throw this.#failure.error;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
