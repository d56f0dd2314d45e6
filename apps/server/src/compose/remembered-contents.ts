/** Those that are not in use: more than there are URLs of ended sessions that are remembered. */
const maxUnused = 3_000;

/** What the keys of HLS sessions stand for: of those in use all, and of the others those that were asked for last. */
export class RememberedContents<Content> {
  readonly #used = new Map<string, Content>();
  /** The one asked for longest ago comes first. */
  readonly #unused = new Map<string, Content>();

  get(key: string): Content | undefined {
    return this.#used.get(key) ?? this.#unused.get(key);
  }

  /** A player asks for this key. */
  expect(key: string, content: Content): void {
    if (!this.#used.has(key)) this.#keep(key, this.#unused.get(key) ?? content);
  }

  /** A source is opened for this key: it is in use until {@link release}. */
  use(key: string): Content {
    const content = this.get(key);
    if (content === undefined) throw new TypeError(`Nobody asked for ${key}`);
    this.#unused.delete(key);
    this.#used.set(key, content);
    return content;
  }

  release(key: string): void {
    const content = this.#used.get(key);
    if (content === undefined) return;
    this.#used.delete(key);
    this.#keep(key, content);
  }

  #keep(key: string, content: Content): void {
    this.#unused.delete(key);
    this.#unused.set(key, content);
    const [oldest] = this.#unused.keys();
    if (this.#unused.size > maxUnused && oldest !== undefined) this.#unused.delete(oldest);
  }
}
