import { AceError } from './ace-error.ts';

export type ContentKind = 'content_id' | 'infohash' | 'url' | 'magnet';

/** What to play. */
export interface ContentRef {
  readonly kind: ContentKind;
  /** 40 lower-case hex digits for a content id or infohash; a URL of a transport file; a magnet link. */
  readonly value: string;
  /** Which file of a content with several; absent for the first. */
  readonly fileIndex?: number;
}

/** Query parameters of a request to play, as a player sends them. */
export interface ContentQuery {
  /** A content id, bare or as `acestream://…`, `acestream:…`, `ace://…`, with or without `?name=…`. As `content_id`. */
  readonly id?: unknown;
  readonly content_id?: unknown;
  readonly infohash?: unknown;
  readonly url?: unknown;
  readonly magnet?: unknown;
  readonly file_index?: unknown;
}

const maxUrlLength = 4_096;
const maxFileIndex = 9_999;
/** What lists put behind the digits, a title or the headers of one player, is nothing to an engine. */
const hexForm = /^(?:ace(?:stream)?:\/{0,3})?([0-9a-f]{40})(?:[/?#&|].*)?$/is;
const btihForm = /^urn:btih:([0-9a-f]{40}|[a-z2-7]{32})$/i;

/**
 * Reads which content a query names: exactly one of `id`, `content_id`, `infohash`, `url`, `magnet`. Hex is
 * lower-cased, a blank parameter counts as absent, unknown parameters are ignored.
 *
 * Throws an AceError `bad_content` that says what is wrong.
 */
export function parseContentRef(query: ContentQuery): ContentRef {
  const named = (['id', 'content_id', 'infohash', 'url', 'magnet'] as const).filter((name) => isGiven(query[name]));
  const [name] = named;
  if (name === undefined) throw bad('No content is named: give one of id, infohash, url, magnet');
  if (named.length > 1) throw bad(`Several contents are named (${named.join(', ')}): give exactly one`);
  const value = query[name];
  if (typeof value !== 'string') throw bad(`The parameter ${name} is given more than once`);
  const kind = name === 'id' ? 'content_id' : name;
  const fileIndex = parseFileIndex(query.file_index);
  return { kind, value: parseValue[kind](value.trim(), name), ...(fileIndex > 0 ? { fileIndex } : {}) };
}

/**
 * The name under which requests for the same content meet: `content_id:<hex>`, `infohash:<hex>`, `url:<url>`,
 * `magnet:<hash>`, with `@<file index>` at the end for any file but the first.
 */
export function contentKey({ kind, value, fileIndex = 0 }: ContentRef): string {
  const name = kind === 'magnet' ? (magnetHash(value) ?? value) : value;
  return fileIndex > 0 ? `${kind}:${name}@${fileIndex}` : `${kind}:${name}`;
}

const parseValue: Readonly<Record<ContentKind, (value: string, name: string) => string>> = {
  content_id: parseHex,
  infohash: parseHex,
  url(value) {
    if (value.length > maxUrlLength) throw bad(`The url is longer than ${maxUrlLength} characters`);
    const url = URL.parse(value);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      throw bad('The url of a transport file must be a whole http or https URL');
    }
    return url.href;
  },
  magnet(value) {
    if (value.length > maxUrlLength) throw bad(`The magnet link is longer than ${maxUrlLength} characters`);
    if (magnetHash(value) === undefined) throw bad('The magnet link has no BitTorrent hash (xt=urn:btih:…)');
    return value;
  },
};

function parseHex(value: string, name: string): string {
  const hex = hexForm.exec(value)?.[1];
  if (hex === undefined) throw bad(`The parameter ${name} is not 40 hexadecimal digits`);
  return hex.toLowerCase();
}

function magnetHash(link: string): string | undefined {
  const url = URL.parse(link);
  if (url?.protocol !== 'magnet:') return undefined;
  for (const topic of url.searchParams.getAll('xt')) {
    const hash = btihForm.exec(topic)?.[1];
    if (hash !== undefined) return hash.toLowerCase();
  }
  return undefined;
}

function parseFileIndex(value: unknown): number {
  if (!isGiven(value)) return 0;
  const index = typeof value === 'string' && /^\s*\d+\s*$/.test(value) ? Number(value) : Number.NaN;
  if (!(index <= maxFileIndex)) throw bad(`The file_index is not an integer from 0 to ${maxFileIndex}`);
  return index;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
}

function bad(message: string): AceError {
  return new AceError('bad_content', message);
}
