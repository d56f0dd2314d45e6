/** Longest wait for a stream to play from another engine. */
const moveTimeoutMs = 20_000;

export interface StreamMovesOptions {
  /** The engine that plays a stream now. */
  readonly engineOf: (streamKey: string) => string | undefined;
  /**
   * Opens a source on another engine, that of {@link StreamMoves.targetOf} where there is one; false when the stream
   * cannot be moved now. {@link StreamMoves.settle} ends the wait.
   */
  readonly begin: (streamKey: string) => boolean;
}

/** Moves of streams that somebody waits for. */
export class StreamMoves {
  readonly #options: StreamMovesOptions;
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #targets = new Map<string, string>();

  constructor(options: StreamMovesOptions) {
    this.#options = options;
  }

  /** Resolves with the engine that plays the stream then; undefined when that is the same as before, or none. */
  async move(streamKey: string, engineId: string | undefined): Promise<string | undefined> {
    const { engineOf, begin } = this.#options;
    const before = engineOf(streamKey);
    if (before === undefined || before === engineId) return engineId;
    if (this.#waiting.has(streamKey)) return undefined;
    if (engineId !== undefined) this.#targets.set(streamKey, engineId);
    try {
      if (!begin(streamKey)) return undefined;
      await this.#settled(streamKey);
    } finally {
      this.#targets.delete(streamKey);
    }
    const after = engineOf(streamKey);
    return after === before ? undefined : after;
  }

  /** Where a stream is to be moved; undefined where any other engine will do. */
  targetOf(streamKey: string): string | undefined {
    return this.#targets.get(streamKey);
  }

  /** A stream plays from another source, has ended, or could not be moved. */
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
