/** The beginning and the end of a long id: `1111…1111`. */
export function shortId(id: string, edge = 6): string {
  return id.length <= edge * 2 + 1 ? id : `${id.slice(0, edge)}…${id.slice(-edge)}`;
}

/** A sentence with the long ids in it shortened. */
export function shortIdsIn(text: string): string {
  return text.replace(/\b[0-9a-f]{40}\b/gi, (id) => shortId(id));
}

const hex40 = /^[0-9a-f]{40}$/i;

/** What a content can be named by, as the query parameter of the playback URLs. */
export type ContentParameter = 'id' | 'infohash' | 'url' | 'magnet';

export interface ContentName {
  readonly parameter: ContentParameter;
  readonly value: string;
}

/**
 * Reads what somebody pasted: a content id, `acestream://…`, `infohash:…`, a magnet link, the URL of a transport file,
 * or a playback URL of this server or of an engine. Undefined for anything else.
 */
export function parseContent(pasted: string): ContentName | undefined {
  const text = pasted.trim();
  const id = text.replace(/^(acestream|ace):\/*/i, '');
  if (hex40.test(id)) return { parameter: 'id', value: id.toLowerCase() };
  const infohash = /^infohash[:=]\s*([0-9a-f]{40})$/i.exec(text)?.[1];
  if (infohash !== undefined) return { parameter: 'infohash', value: infohash.toLowerCase() };
  if (/^magnet:\?/i.test(text)) return { parameter: 'magnet', value: text };
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  return contentOfQuery(url.searchParams) ?? { parameter: 'url', value: text };
}

function contentOfQuery(query: URLSearchParams): ContentName | undefined {
  const id = query.get('id') ?? query.get('content_id');
  if (id !== null && hex40.test(id)) return { parameter: 'id', value: id.toLowerCase() };
  const infohash = query.get('infohash');
  if (infohash !== null && hex40.test(infohash)) return { parameter: 'infohash', value: infohash.toLowerCase() };
  return undefined;
}

/** The query parameter for what the API calls a key type. */
export function contentOfStream(keyType: string, key: string): ContentName {
  return { parameter: keyType === 'content_id' ? 'id' : (keyType as ContentParameter), value: key };
}
