/** Contents that were found dead a short while ago, by each of their names. */
export class DeadContents {
  readonly #forMs: number;
  /** Name → when it may be tried again; the one that ends first comes first. */
  readonly #until = new Map<string, number>();

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** How long a content of these names is not to be tried; 0 when it may be. */
  leftMs(names: Iterable<string>, now: number): number {
    let left = 0;
    for (const name of names) left = Math.max(left, (this.#until.get(name) ?? now) - now);
    return left;
  }

  add(names: Iterable<string>, now: number): void {
    for (const [name, until] of this.#until) {
      if (until > now) break;
      this.#until.delete(name);
    }
    for (const name of names) {
      this.#until.delete(name);
      this.#until.set(name, now + this.#forMs);
    }
  }
}
