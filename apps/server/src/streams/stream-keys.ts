/** Names of contents that are remembered at most; the least recently used go first. */
const maxKnown = 10_000;

/**
 * Which running stream a content belongs to, under whatever name it is asked for.
 *
 * A content has a content id and an infohash, and only an engine can tell that two of them are the same. Once one has
 * told, requests under either name join the stream that runs: `known` remembers name → infohash, `owners`
 * infohash → the stream key that plays it.
 */
export class StreamKeys {
  readonly #known = new Map<string, string>();
  readonly #owners = new Map<string, string>();
  readonly #owned = new Map<string, string>();

  /** The key to join for `key`: that of a running stream of the same content, else `key` itself. */
  resolve(key: string): string {
    if (this.#owned.has(key)) return key;
    const infohashKey = this.#known.get(key) ?? key;
    return this.#owners.get(infohashKey) ?? key;
  }

  /** The infohash key of what `key` names, when an engine has told it. */
  infohashOf(key: string): string | undefined {
    return this.#known.get(key);
  }

  /**
   * An engine told that the stream `key` plays what `infohashKey` names. Returns the stream that plays it: `key`, unless
   * another one was first.
   */
  learn(key: string, infohashKey: string): string {
    this.know(key, infohashKey);
    const owner = this.#owners.get(infohashKey);
    if (owner !== undefined && owner !== key) return owner;
    this.release(key);
    this.#owners.set(infohashKey, key);
    this.#owned.set(key, infohashKey);
    return key;
  }

  /** An engine told that `key` names what `infohashKey` does; nothing plays it yet. */
  know(key: string, infohashKey: string): void {
    this.#known.delete(key);
    this.#known.set(key, infohashKey);
    const oldest = this.#known.keys().next();
    if (this.#known.size > maxKnown && !oldest.done) this.#known.delete(oldest.value);
  }

  /** The stream `key` ended. What is known about its name stays. */
  release(key: string): void {
    const infohashKey = this.#owned.get(key);
    if (infohashKey === undefined) return;
    this.#owned.delete(key);
    this.#owners.delete(infohashKey);
  }
}
