export type ByteRange = { readonly start: number; readonly end: number };

/**
 * Reads a Range header (RFC 9110 §14.2): one range of bytes, `end` exclusive. Undefined for what is to be ignored
 * (another unit, several ranges, nonsense); `unsatisfiable` when nothing of it is there.
 */
export function parseRange(header: string | undefined, byteLength: number): ByteRange | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/.exec(header ?? '');
  if (match === null) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const start = Math.max(0, byteLength - Number(last));
    return start < byteLength ? { start, end: byteLength } : 'unsatisfiable';
  }
  const start = Number(first);
  const end = last === '' ? byteLength : Math.min(byteLength, Number(last) + 1);
  if (last !== '' && Number(last) < start) return undefined;
  return start < byteLength ? { start, end } : 'unsatisfiable';
}

/** Views of a range of bytes that lie in several views. Nothing is copied. */
export function sliceViews(views: readonly Uint8Array[], { start, end }: ByteRange): Uint8Array[] {
  const slices: Uint8Array[] = [];
  let offset = 0;
  for (const view of views) {
    const from = Math.max(0, start - offset);
    const to = Math.min(view.byteLength, end - offset);
    if (from < to) slices.push(view.subarray(from, to));
    offset += view.byteLength;
    if (offset >= end) break;
  }
  return slices;
}
