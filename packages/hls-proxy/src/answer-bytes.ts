import { type Answer, bare, CORS } from './answer.ts';
import { parseRange, sliceViews } from './byte-range.ts';
import type { StoredBytes } from './publication.ts';

/** How long a player may keep a segment. Its name never stands for other bytes. */
const MAX_AGE_SECONDS = 300;

export interface BytesRequest {
  readonly isHead: boolean;
  header(name: string): string | undefined;
}

/** A segment as an answer: conditional (RFC 9110 §13) and in ranges (§14). */
export function answerBytes(stored: StoredBytes, etag: string, request: BytesRequest): Answer {
  const { contentType, data, byteLength } = stored;
  const shared = { etag, 'cache-control': `max-age=${MAX_AGE_SECONDS}` };
  if (matches(request.header('if-none-match'), etag)) return bare(304, shared);
  const headers: Record<string, string> = { ...CORS, ...shared, 'content-type': contentType, 'accept-ranges': 'bytes' };
  const ifRange = request.header('if-range');
  const isCurrent = ifRange === undefined || ifRange === etag;
  const range = isCurrent && !request.isHead ? parseRange(request.header('range'), byteLength) : undefined;
  if (range === 'unsatisfiable') return bare(416, { 'content-range': `bytes */${byteLength}` });
  if (range === undefined) {
    headers['content-length'] = `${byteLength}`;
    return request.isHead
      ? { status: 200, headers, body: [], byteLength: 0 }
      : { status: 200, headers, body: data, byteLength };
  }
  const length = range.end - range.start;
  headers['content-length'] = `${length}`;
  headers['content-range'] = `bytes ${range.start}-${range.end - 1}/${byteLength}`;
  return { status: 206, headers, body: sliceViews(data, range), byteLength: length };
}

function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag);
}
