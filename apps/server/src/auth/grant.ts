import { randomUUID } from 'node:crypto';

/** What requests are let in with, a token or the key, as long as it opens something. Ends what it has opened. */
export class Grant {
  /** Of this grant alone: a token that is revoked and comes back with a backup has another one. */
  readonly id = randomUUID();
  readonly #holders = new Set<(reason: Error) => boolean>();
  #withdrawn: Error | undefined;

  /**
   * Calls `end` when the grant is withdrawn, at once when it has been; `end` tells whether there was something to end.
   * The returned function takes that back.
   */
  hold(end: (reason: Error) => boolean): () => void {
    if (this.#withdrawn !== undefined) end(this.#withdrawn);
    else this.#holders.add(end);
    return () => this.#holders.delete(end);
  }

  /** Ends what is open, and whatever is opened with it still. Returns how much that was. */
  withdraw(reason: Error): number {
    this.#withdrawn ??= reason;
    const holders = [...this.#holders];
    this.#holders.clear();
    return holders.filter((end) => end(reason)).length;
  }
}
