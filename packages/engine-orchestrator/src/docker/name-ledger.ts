/** Hands out the lowest free `<prefix>-<n>`. Names in use by anybody are passed in; names handed out stay reserved until released. */
export class NameLedger {
  readonly #prefix: string;
  readonly #reserved = new Set<string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  take(inUse: ReadonlySet<string>): string {
    for (let number = 1; ; number++) {
      const name = `${this.#prefix}-${number}`;
      if (inUse.has(name) || this.#reserved.has(name)) continue;
      this.#reserved.add(name);
      return name;
    }
  }

  release(name: string): void {
    this.#reserved.delete(name);
  }
}
