import type { RuntimeEvent } from '../runtime/engine-runtime.ts';

interface Stream {
  readonly queue: RuntimeEvent[];
  wake: () => void;
  ended: boolean;
}

/** Event streams of a fake runtime. Each gets what happens after it was opened. */
export class FakeEvents {
  readonly #streams = new Set<Stream>();

  get streams(): number {
    return this.#streams.size;
  }

  emit(event: RuntimeEvent): void {
    for (const stream of this.#streams) {
      stream.queue.push(event);
      stream.wake();
    }
  }

  /** Ends every stream that is open. */
  end(): void {
    for (const stream of this.#streams) {
      stream.ended = true;
      stream.wake();
    }
  }

  async *open(signal: AbortSignal): AsyncGenerator<RuntimeEvent, void, undefined> {
    const stream: Stream = { queue: [], wake: () => {}, ended: false };
    const onAbort = (): void => {
      stream.ended = true;
      stream.wake();
    };
    this.#streams.add(stream);
    signal.addEventListener('abort', onAbort);
    try {
      while (!stream.ended) {
        const event = stream.queue.shift();
        if (event !== undefined) yield event;
        else await new Promise<void>((resolve) => (stream.wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#streams.delete(stream);
    }
  }
}
