/** Longest wait for a stream to play from another engine. */
const moveTimeoutMs = 20_000;

export interface StreamMovesOptions {
  /** The engine that plays a stream now. */
  readonly engineOf: (streamKey: string) => string | undefined;
  /** Opens a source on another engine; false when the stream cannot be moved now. */
  readonly begin: (streamKey: string, engineId: string | undefined) => boolean;
}

/** Moves of streams that somebody waits for. */
export class StreamMoves {
  readonly #options: StreamMovesOptions;
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(options: StreamMovesOptions) {
    this.#options = options;
  }

  /** Resolves with the engine that plays the stream then; undefined when that is the same as before, or none. */
  async move(streamKey: string, engineId: string | undefined): Promise<string | undefined> {
    const { engineOf, begin } = this.#options;
    const before = engineOf(streamKey);
    if (before === undefined || before === engineId) return engineId;
    if (!begin(streamKey, engineId)) return undefined;
    await this.#settled(streamKey);
    const after = engineOf(streamKey);
    return after === before ? undefined : after;
  }

  /** A stream plays from another source, or has ended. */
  settle(streamKey: string): void {
    for (const resolve of this.#waiting.get(streamKey) ?? []) resolve();
  }

  #settled(streamKey: string): Promise<void> {
    const waiting = this.#waiting.get(streamKey) ?? new Set();
    this.#waiting.set(streamKey, waiting);
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        waiting.delete(done);
        if (waiting.size === 0) this.#waiting.delete(streamKey);
        resolve();
      };
      const timer = setTimeout(done, moveTimeoutMs);
      timer.unref();
      waiting.add(done);
    });
  }
}
