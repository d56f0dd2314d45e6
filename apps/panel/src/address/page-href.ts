/** The link to a page of a thing: `hrefTo('streams', id)`. */
export function hrefTo(page: string, id: string): string {
  return `#/${page}/${encodeURIComponent(id)}`;
}

/** The id in a page's address. The router has decoded what is not reserved in a URL; this does the rest. */
export function idOfRoute(parameter: string): string {
  try {
    return decodeURIComponent(parameter);
  } catch {
    return parameter;
  }
}
