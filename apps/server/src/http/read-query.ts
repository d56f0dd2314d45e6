import { parse } from 'node:querystring';

/** Parameters that playlists and players write in whatever case. */
const anyCase: ReadonlySet<string> = new Set([
  'id',
  'content_id',
  'infohash',
  'url',
  'magnet',
  'file_index',
  'format',
  'token',
  'm3u_url',
]);

/**
 * Reads a query string as its writer meant it: a parameter without a value is none, and one that is given several times
 * with one value is given once.
 */
export function readQuery(text: string): Record<string, string | string[]> {
  const values = new Map<string, Set<string>>();
  for (const [name, given] of Object.entries(parse(text))) {
    const lower = name.toLowerCase();
    const key = anyCase.has(lower) ? lower : name;
    const known = values.get(key) ?? new Set();
    for (const value of [given ?? []].flat()) if (value !== '') known.add(value);
    if (known.size > 0) values.set(key, known);
  }
  const query = [...values].map(([name, [first, ...others]]) => [
    name,
    others.length === 0 ? first : [first, ...others],
  ]);
  return Object.fromEntries(query) as Record<string, string | string[]>;
}
