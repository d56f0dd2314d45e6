import type { Readable } from 'node:stream';

/** The objects of an answer that has one in each line, as events and pulls do. Text that is not JSON is passed over. */
export async function* jsonLines(stream: Readable): AsyncGenerator<Readonly<Record<string, unknown>>, void, undefined> {
  let rest = '';
  stream.setEncoding('utf8');
  try {
    for await (const chunk of stream) {
      const lines = (rest + String(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield* parsed(line);
    }
    yield* parsed(rest);
  } finally {
    stream.destroy();
  }
}

function* parsed(line: string): Generator<Readonly<Record<string, unknown>>, void, undefined> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) yield value as Readonly<Record<string, unknown>>;
  } catch {
    // Half a line at the end of a broken connection, or an empty one.
  }
}
