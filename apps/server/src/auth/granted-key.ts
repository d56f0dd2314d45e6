import { type KeySource, keysEqual } from './api-key.ts';
import { Grant } from './grant.ts';

/** Keys that were replaced and are remembered. */
const maxReplaced = 10;

/** The key as requests are let in with it: one that takes its place ends what was opened with it. */
export class GrantedKey {
  readonly #key: KeySource;
  readonly #replaced: (grant: Grant) => void;
  readonly #unwatch: () => void;
  readonly #before: string[] = [];
  #value: string | undefined;
  #grant = new Grant();

  /** `replaced` is told of the grant of a key that is not the key any more. */
  constructor(key: KeySource, replaced: (grant: Grant) => void) {
    this.#key = key;
    this.#replaced = replaced;
    this.#unwatch = key.watch(() => void this.#look());
    void this.#look();
  }

  /** The grant of whoever shows these, when the key is among them. */
  async admit(shown: readonly string[]): Promise<Grant | undefined> {
    const current = await this.#look();
    return shown.some((each) => keysEqual(each, current)) ? this.#grant : undefined;
  }

  /** Whether one of these was the key before, since the start. */
  wasReplaced(shown: readonly string[]): boolean {
    return shown.some((each) => this.#before.some((key) => keysEqual(each, key)));
  }

  close(): void {
    this.#unwatch();
  }

  async #look(): Promise<string> {
    const current = await this.#key.current();
    const before = this.#value;
    if (current === before) return current;
    this.#value = current;
    if (before === undefined) return current;
    this.#before.push(before);
    if (this.#before.length > maxReplaced) this.#before.shift();
    const grant = this.#grant;
    this.#grant = new Grant();
    this.#replaced(grant);
    return current;
  }
}
