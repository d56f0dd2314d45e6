import { Transform, type TransformCallback } from 'node:stream';
import { type LinkTarget, rewriteLine } from './rewrite-line.ts';

/** A longer line is no link: its bytes are passed on as they come, so that memory stays bounded. */
const maxLineBytes = 65_536;

/**
 * Rewrites a playlist while it flows by. Works on bytes: whatever encoding, line ends and byte order mark there are, they
 * stay. Fails with `tooLarge()` after `maxBytes`.
 */
export class PlaylistRewriter extends Transform {
  readonly #target: LinkTarget;
  readonly #maxBytes: number;
  readonly #tooLarge: () => Error;
  #bytes = 0;
  /** The beginning of a line whose end has not come. */
  #rest = '';
  /** Whether the beginning of the current line has been passed on already. */
  #inLongLine = false;

  constructor(target: LinkTarget, limit: { readonly maxBytes: number; readonly tooLarge: () => Error }) {
    super();
    this.#target = target;
    this.#maxBytes = limit.maxBytes;
    this.#tooLarge = limit.tooLarge;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) return done(this.#tooLarge());
    const text = this.#rest + chunk.toString('latin1');
    const end = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1;
    const lines = this.#rewrite(text.slice(0, end));
    this.#rest = text.slice(end);
    if (end > 0) this.#inLongLine = false;
    if (this.#inLongLine || this.#rest.length > maxLineBytes) {
      this.#inLongLine = true;
      this.push(lines + this.#rest, 'latin1');
      this.#rest = '';
    } else if (lines !== '') {
      this.push(lines, 'latin1');
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    const last = this.#rewrite(this.#rest);
    done(null, last === '' ? undefined : Buffer.from(last, 'latin1'));
  }

  #rewrite(text: string): string {
    if (!this.#inLongLine) return text.replace(/[^\r\n]+/g, (line) => rewriteLine(line, this.#target));
    const end = text.search(/[\r\n]/);
    return text.slice(0, end) + text.slice(end).replace(/[^\r\n]+/g, (line) => rewriteLine(line, this.#target));
  }
}
