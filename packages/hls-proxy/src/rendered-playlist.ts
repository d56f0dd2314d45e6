import { gzipSync } from 'node:zlib';

/** One form of the playlist: written once per change, when first asked for, then the same buffer for everybody. */
export class RenderedPlaylist {
  readonly #write: () => string;
  #plain: Buffer | undefined;
  #gzip: Buffer | undefined;
  #built = 0;

  constructor(write: () => string) {
    this.#write = write;
  }

  /** How often it was written. */
  get built(): number {
    return this.#built;
  }

  /** Whether the next reader has to have it written. */
  get isStale(): boolean {
    return this.#plain === undefined;
  }

  /** The window has changed. */
  invalidate(): void {
    this.#plain = undefined;
    this.#gzip = undefined;
  }

  read(): Buffer {
    if (this.#plain === undefined) {
      this.#plain = Buffer.from(this.#write());
      this.#built++;
    }
    return this.#plain;
  }

  /** Some kilobytes at most: compressing them takes tens of microseconds, once per change. */
  readGzip(): Buffer {
    this.#gzip ??= gzipSync(this.read());
    return this.#gzip;
  }
}
