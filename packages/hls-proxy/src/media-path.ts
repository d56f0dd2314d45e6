import { TOKEN_PATTERN } from './viewer-token.ts';

/** Where a playlist of a viewer is, seen from the URL that it entered by. */
export const PLAYLIST_NAME = 'index.m3u8';

export interface MediaPath {
  readonly slug: string;
  readonly token: string;
  /** A name in our playlist, or its own. */
  readonly name: string;
}

const MEDIA_PATH = new RegExp(`/hls/([\\w-]{1,64})/(${TOKEN_PATTERN})/([\\w.-]{1,64})$`);

/** Takes a path of ours apart, under whatever base path it is; undefined for any other path. */
export function parseMediaPath(path: string): MediaPath | undefined {
  const match = MEDIA_PATH.exec(path);
  if (match === null) return undefined;
  const [, slug = '', token = '', name = ''] = match;
  return { slug, token, name };
}

/** A viewer's playlist, relative to the URL that it entered by: right under any base path and behind any proxy. */
export function formatLocation(slug: string, token: string, query: string): string {
  return `hls/${slug}/${token}/${PLAYLIST_NAME}${query}`;
}

/** The key of a URL where the application does not say otherwise: what stands before `.m3u8` at the end of its path. */
export function defaultKeyOf(url: URL): string | undefined {
  return /\/([\w-]{1,128})\.m3u8$/.exec(url.pathname)?.[1];
}
