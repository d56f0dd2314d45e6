import type { ContentRef } from './content-ref.ts';
import { type JsonObject, readText } from './read-fields.ts';

/** What an engine tells about a content; what it does not know is absent or empty. */
export interface AceContentInfo {
  /** 40 lower-case hex digits. */
  readonly infohash?: string;
  readonly title?: string;
  readonly type?: string;
  readonly categories: readonly string[];
  readonly languages: readonly string[];
  readonly countries: readonly string[];
}

export function parseContentInfo(result: JsonObject): AceContentInfo {
  const title = readText(result, 'title');
  const type = readText(result, 'content_type') ?? readText(result, 'type');
  const infohash = readText(result, 'infohash')?.toLowerCase();
  return {
    ...(infohash !== undefined && /^[0-9a-f]{40}$/.test(infohash) ? { infohash } : {}),
    ...(title === undefined ? {} : { title }),
    ...(type === undefined ? {} : { type }),
    categories: readTexts(result, 'categories'),
    languages: readTexts(result, 'languages'),
    countries: readTexts(result, 'countries'),
  };
}

/** A content as the engine takes it from a user: a link. */
export function linkOf({ kind, value }: Pick<ContentRef, 'kind' | 'value'>): string {
  if (kind === 'content_id') return `acestream://${value}`;
  return kind === 'infohash' ? `magnet:?xt=urn:btih:${value}` : value;
}

function readTexts(object: JsonObject, name: string): readonly string[] {
  const value = object[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
