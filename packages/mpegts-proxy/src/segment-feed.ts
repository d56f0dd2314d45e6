import type { Part, Segment, SegmentEnd } from './segment-contract.ts';

/** A segment as it is filled: what is put in here comes out at {@link segment}, for as many readers as there are. */
export class SegmentFeed {
  readonly segment: Segment;
  readonly #parts: Part[] = [];
  #ended = false;
  #wake: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #done: PromiseWithResolvers<SegmentEnd> = Promise.withResolvers();

  constructor(head: Pick<Segment, 'sequence' | 'discontinuity' | 'programDateTimeMs'>) {
    this.segment = Object.freeze({
      ...head,
      parts: { [Symbol.asyncIterator]: () => this.#read() },
      done: this.#done.promise,
    });
  }

  add(part: Part): void {
    this.#parts.push(part);
    this.#notify();
  }

  end(outcome: SegmentEnd): void {
    this.#ended = true;
    this.#done.resolve(Object.freeze(outcome));
    this.#notify();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  async *#read(): AsyncGenerator<Part, void, undefined> {
    for (let index = 0; ; ) {
      const part = this.#parts[index];
      if (part !== undefined) {
        index++;
        yield part;
      } else if (this.#ended) return;
      else await this.#wake.promise;
    }
  }
}
