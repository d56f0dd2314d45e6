import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import { HlsProxyError } from '../errors.ts';

type Decode = (data: Uint8Array, options: { maxOutputLength: number }) => Promise<Uint8Array>;

/** Content codings of RFC 9110 §8.4.1 and RFC 8878. */
const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ['gzip', promisify(gunzip) as Decode],
  ['x-gzip', promisify(gunzip) as Decode],
  ['deflate', promisify(inflate) as Decode],
  ['br', promisify(brotliDecompress) as Decode],
  ['zstd', promisify(zstdDecompress) as Decode],
]);

/**
 * What is in a body that came compressed although nobody asked for that: a store of files that were compressed once.
 *
 * @throws {HlsProxyError} `too_large`; `upstream_unreachable` for a coding nobody can read, or a body that is not in it
 */
export async function decodeBody(
  data: Uint8Array,
  { url, coding, maxBytes }: { url: string; coding: string; maxBytes: number },
): Promise<Uint8Array> {
  const decode = DECODERS.get(coding.toLowerCase());
  if (decode === undefined)
    throw new HlsProxyError('upstream_unreachable', `${url} answered in the content coding ${coding}`);
  try {
    return await decode(data, { maxOutputLength: maxBytes });
  } catch (error) {
    const isTooLarge = error instanceof RangeError;
    if (isTooLarge) throw new HlsProxyError('too_large', `${url} has more than ${maxBytes} bytes`);
    throw new HlsProxyError('upstream_unreachable', `${url} is not ${coding}`, { cause: error });
  }
}
