/** Where the rewritten links lead. */
export interface LinkTarget {
  /** What stands before `/ace/…`, such as `https://tv.example.org/tv`. */
  readonly base: string;
  /** A playback token to add, if players need one. */
  readonly token?: string | undefined;
}

/** Optional byte order mark and blanks, the link, and what Kodi puts behind a `|`. In bytes as Latin-1. */
const linkLine = /^((?:\xef\xbb\xbf)?[ \t]*)([a-z][a-z\d+.-]*:[^\s|]+)(.*)$/i;
/** `acestream://<content id>`, `ace://…`, with or without slashes. */
const contentLink = /^(?:acestream|ace):(?:\/\/)?\/?([\da-f]{40})(?:[/?#&].*)?$/i;
/** `acestream:?infohash=…` and the like. */
const queryLink = /^(?:acestream|ace):(?:\/\/)?\/?\?(.+)$/i;
const magnetLink = /^magnet:\?.*\bxt=urn:btih:/i;
const engineUrl = /^https?:\/\/[^/?#]+(?:\/[^?#]*)?\/ace\/(getstream|manifest\.m3u8)\?([^#]*)(?:#.*)?$/i;

const contentParameters: ReadonlySet<string> = new Set(['id', 'content_id', 'infohash', 'url', 'magnet']);
/** What an engine's URL says to one engine's session, or to another server. */
const foreignParameters: ReadonlySet<string> = new Set(['pid', 'sid', 'token']);

/**
 * A line of a playlist with a link to an AceStream engine turned into one to this server. Every other line, and
 * everything else in the line, comes back as it is.
 *
 * @param line bytes as Latin-1, without its end
 */
export function rewriteLine(line: string, target: LinkTarget): string {
  if (line.startsWith('#')) return line;
  const [, before = '', link = '', after = ''] = linkLine.exec(line) ?? [];
  const rewritten = link === '' ? undefined : rewriteLink(link, target);
  return rewritten === undefined ? line : before + rewritten + after;
}

function rewriteLink(link: string, target: LinkTarget): string | undefined {
  const contentId = contentLink.exec(link)?.[1];
  if (contentId !== undefined) return urlOf(target, 'getstream', [`id=${contentId}`]);
  if (magnetLink.test(link)) return urlOf(target, 'getstream', [`magnet=${encodeURIComponent(link)}`]);
  const [, path, query] = engineUrl.exec(link) ?? [undefined, 'getstream', queryLink.exec(link)?.[1]];
  if (path === undefined || query === undefined) return undefined;
  const parameters = query.split('&').filter((each) => !foreignParameters.has(nameOf(each)));
  return parameters.some((each) => contentParameters.has(nameOf(each))) ? urlOf(target, path, parameters) : undefined;
}

function nameOf(parameter: string): string {
  return parameter.split('=', 1)[0]?.toLowerCase() ?? '';
}

function urlOf({ base, token }: LinkTarget, path: string, parameters: readonly string[]): string {
  const all = token === undefined ? parameters : [...parameters, `token=${encodeURIComponent(token)}`];
  return `${base}/ace/${path.toLowerCase()}?${all.join('&')}`;
}
