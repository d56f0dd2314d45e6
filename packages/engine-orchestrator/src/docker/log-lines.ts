import type { RuntimeLogLine } from '../runtime/engine-runtime.ts';

const headerBytes = 8;
/** A line longer than this is cut into several. */
const maxLineBytes = 64 * 1024;

type StreamName = RuntimeLogLine['stream'];

/**
 * Reads the log of a container, in chunks of any size, into lines. Without a terminal each piece of output has a header
 * of 8 bytes (stream, 0, 0, 0, length as 32 bits big-endian); with one the bytes are bare. Each line begins with the
 * time it was written when that was asked for.
 */
export class LogLines {
  readonly #framed: boolean;
  readonly #rests: Record<StreamName, Buffer> = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
  #input: Buffer = Buffer.alloc(0);

  constructor({ terminal }: { readonly terminal: boolean }) {
    this.#framed = !terminal;
  }

  /** The lines that are complete now. */
  push(chunk: Buffer): readonly RuntimeLogLine[] {
    if (!this.#framed) return this.#add('stdout', chunk);
    this.#input = this.#input.length === 0 ? chunk : Buffer.concat([this.#input, chunk]);
    const lines: RuntimeLogLine[] = [];
    while (this.#input.length >= headerBytes) {
      const end = headerBytes + this.#input.readUInt32BE(4);
      if (this.#input.length < end) break;
      const name = this.#input[0] === 2 ? 'stderr' : 'stdout';
      lines.push(...this.#add(name, this.#input.subarray(headerBytes, end)));
      this.#input = this.#input.subarray(end);
    }
    return lines;
  }

  /** What is left when the log is over. */
  finish(): readonly RuntimeLogLine[] {
    return (['stdout', 'stderr'] as const).flatMap((name) => {
      const rest = this.#rests[name];
      this.#rests[name] = Buffer.alloc(0);
      return rest.length === 0 ? [] : [toLine(name, rest)];
    });
  }

  #add(name: StreamName, bytes: Buffer): RuntimeLogLine[] {
    const lines: RuntimeLogLine[] = [];
    const begun = this.#rests[name];
    let rest = Buffer.concat([begun, this.#framed ? withoutRepeatedTime(begun, bytes) : bytes]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      lines.push(toLine(name, rest.subarray(0, end)));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > maxLineBytes) {
      lines.push(toLine(name, rest));
      rest = Buffer.alloc(0);
    }
    this.#rests[name] = rest;
    return lines;
  }
}

/** `2026-11-24T22:38:21.123456789Z `, which a line begins with. */
const stampPattern = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) ?/;
/** As long as it can be. */
const stampBytes = 36;

/** Docker keeps a long line in pieces of 16 KiB, and writes the time of the line before each. */
function withoutRepeatedTime(begun: Buffer, piece: Buffer): Buffer {
  const stamp = stampPattern.exec(begun.subarray(0, stampBytes).toString('latin1'))?.[0] ?? '';
  const isRepeated = stamp !== '' && piece.subarray(0, stamp.length).toString('latin1') === stamp;
  return isRepeated ? piece.subarray(stamp.length) : piece;
}

/** The time is absent in what was cut off a long line. */
function toLine(stream: StreamName, bytes: Buffer): RuntimeLogLine {
  const text = bytes.toString('utf8').replace(/\r$/, '');
  const stamp = stampPattern.exec(text);
  const at = stamp === null ? Number.NaN : Date.parse(stamp[1] ?? '');
  return Number.isNaN(at) ? { stream, text } : { stream, text: text.slice(stamp?.[0].length), at };
}
