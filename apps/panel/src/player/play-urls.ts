import { serverUrl } from '../api/server-url.ts';
import type { ContentName } from '../format/content.ts';

export type PlayFormat = 'ts' | 'hls';

const paths: Readonly<Record<PlayFormat, string>> = { ts: 'ace/getstream', hls: 'ace/manifest.m3u8' };

/** The URL that a player opens. Never with a key: this page sends it in a header. */
export function playUrl(content: ContentName, format: PlayFormat, page?: string): string {
  const url = new URL(paths[format], serverUrl(page));
  url.searchParams.set(content.parameter, content.value);
  return url.href;
}

/** A playlist with one entry, for players that open files. */
export function playlistOf(name: string, url: string): string {
  // A line break would start another line of the playlist; some players cut a title at "=".
  const title = name.replace(/[\r\n=]+/g, ' ').trim();
  return `#EXTM3U\n#EXTINF:-1,${title}\n${url}\n`;
}
