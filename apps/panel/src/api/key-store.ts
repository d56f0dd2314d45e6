const storageName = 'panel.key';

/** Where the key is kept: in this page's memory, or in the tab's session storage until the tab is closed. */
export type KeyPlace = 'memory' | 'session';

/** The API key of this tab. It goes into request headers, never into a URL, a cookie or `localStorage`. */
export class KeyStore {
  readonly #storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  readonly #listeners = new Set<() => void>();
  #key: string | undefined;

  constructor(storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined) {
    this.#storage = storage;
    this.#key = storage?.getItem(storageName) ?? undefined;
  }

  readonly get = (): string | undefined => this.#key;

  set(key: string, place: KeyPlace): void {
    this.#key = key;
    if (place === 'session') this.#storage?.setItem(storageName, key);
    else this.#storage?.removeItem(storageName);
    this.#tell();
  }

  clear(): void {
    this.#key = undefined;
    this.#storage?.removeItem(storageName);
    this.#tell();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** What a request carries; nothing without a key. */
  headers(): Record<string, string> {
    return this.#key === undefined ? {} : { authorization: `Bearer ${this.#key}` };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function sessionStorageOrNone(): Storage | undefined {
  try {
    return globalThis.sessionStorage;
  } catch {
    // Forbidden by the browser's settings: the key then lives in memory.
    return undefined;
  }
}

export const keyStore: KeyStore = new KeyStore(sessionStorageOrNone());
