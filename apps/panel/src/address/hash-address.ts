/** Where somebody is in the page: what stands behind the `#` of its URL. */
export interface HashAddress {
  /** Such as `/streams`; parts of it as they stand in the URL, encoded. */
  readonly path: string;
  /** What a page shows of itself: filters, windows. */
  readonly parameters: URLSearchParams;
}

/** Reads `#/streams?show=ended`. */
export function parseHash(hash: string): HashAddress {
  const text = hash.replace(/^#?\/?/, '');
  const query = text.indexOf('?');
  return {
    path: `/${query < 0 ? text : text.slice(0, query)}`,
    parameters: new URLSearchParams(query < 0 ? '' : text.slice(query + 1)),
  };
}

/** The hash with one parameter set, or left out when it is `fallback`: what is not said is the default. */
export function withParameter(hash: string, name: string, value: string, fallback: string): string {
  const { path, parameters } = parseHash(hash);
  if (value === fallback) parameters.delete(name);
  else parameters.set(name, value);
  const query = parameters.toString();
  return query === '' ? `#${path}` : `#${path}?${query}`;
}
