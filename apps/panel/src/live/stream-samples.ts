import type { StreamState } from '../api/types.ts';
import type { LiveMessage } from './live-state.ts';

/** What a stream looked like at one time. */
export interface StreamSample {
  /** Unix milliseconds. */
  readonly at: number;
  readonly stream: StreamState;
}

/** At one a second, what a chart of the last minutes needs. */
export const keptSamples = 300;

/** The recent past of every running stream, as far as this page has seen it. */
export class StreamSamples {
  readonly #byStream = new Map<string, StreamSample[]>();

  /** Remembers what `messages` say about streams, and forgets those that do not run any more. */
  add(messages: readonly LiveMessage[], running: ReadonlyMap<string, StreamState>, now: number): void {
    for (const message of messages) {
      if (message.name === 'stream') this.#push(message.data, now);
      if (message.name === 'snapshot') for (const stream of message.data.streams) this.#push(stream, now);
    }
    for (const id of this.#byStream.keys()) if (!running.has(id)) this.#byStream.delete(id);
  }

  /** Oldest first. The same array until the next sample. */
  of(id: string): readonly StreamSample[] {
    return this.#byStream.get(id) ?? none;
  }

  #push(stream: StreamState, at: number): void {
    const samples = this.#byStream.get(stream.id) ?? none;
    this.#byStream.set(stream.id, [...samples.slice(-(keptSamples - 1)), { at, stream }]);
  }
}

const none: readonly StreamSample[] & never[] = [];
