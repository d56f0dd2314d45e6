import type { PullProgress } from '@acestream-orchestrator/engine-orchestrator/docker';

/** How far the download of an image has come. */
export interface Pull extends PullProgress {
  /** Unix milliseconds. */
  readonly startedAt: number;
}

/** The downloads of images that are under way. */
export class Pulls {
  readonly #running = new Map<string, Pull>();
  readonly #listeners = new Set<(pull: Pull) => void>();

  /** Downloads that are under way, oldest first. */
  list(): readonly Pull[] {
    return [...this.#running.values()];
  }

  /** Calls `listener` with every report; the returned function ends that. */
  listen(listener: (pull: Pull) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A download has come further, or is over. */
  report(progress: PullProgress): void {
    const pull = { ...progress, startedAt: this.#running.get(progress.image)?.startedAt ?? Date.now() };
    if (pull.status !== 'pulling') this.#running.delete(pull.image);
    else this.#running.set(pull.image, pull);
    for (const listener of this.#listeners) listener(pull);
  }
}
