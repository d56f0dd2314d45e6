/** What content a key turned out to be, for the keys that were identified last. */
export class IdentityMemory {
  readonly #maxKeys: number;
  /** Key → identity, the one identified longest ago first. */
  readonly #identities = new Map<string, string>();

  constructor(maxKeys: number) {
    this.#maxKeys = maxKeys;
  }

  get(key: string): string | undefined {
    return this.#identities.get(key);
  }

  remember(key: string, identity: string): void {
    this.#identities.delete(key);
    this.#identities.set(key, identity);
    if (this.#identities.size <= this.#maxKeys) return;
    for (const oldest of this.#identities.keys()) {
      this.#identities.delete(oldest);
      return;
    }
  }
}
