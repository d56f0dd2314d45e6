import { pipeline, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { SourceError } from './errors.ts';

/** Content codings of RFC 9110 §8.4.1 and RFC 8878. */
const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/**
 * What is in a body that came compressed although nobody asked for that, as it comes. Its sender is held up as that of the
 * body itself.
 *
 * @param url where it is from, for errors
 * @returns an iterable that throws what the body throws, and {@link SourceError} `broken_http` where it is not in `coding`
 * @throws {SourceError} `not_mpegts` for a coding that nobody here can read
 */
export function decodeBody(
  body: AsyncIterableIterator<Uint8Array>,
  coding: string,
  url: string,
): AsyncIterableIterator<Uint8Array> {
  const decoder = DECODERS.get(coding.toLowerCase())?.();
  if (decoder === undefined) {
    throw new SourceError('bad-response', 'not_mpegts', `${url} answered in the content coding ${coding}`);
  }
  // What ends it is thrown by the iterator.
  pipeline(body, decoder, () => {});
  const content: AsyncIterator<Uint8Array> = decoder[Symbol.asyncIterator]();
  let wanted = true;
  return {
    async next() {
      try {
        return await content.next();
      } catch (error) {
        if (!wanted) return { done: true, value: undefined };
        if (error instanceof SourceError) throw error;
        const said = error instanceof Error ? error.message : String(error);
        throw new SourceError('bad-response', 'broken_http', `${url} is not ${coding}: ${said}`, { cause: error });
      }
    },
    async return() {
      wanted = false;
      decoder.destroy();
      await body.return?.();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
