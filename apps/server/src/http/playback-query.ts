import { z } from 'zod';

const once = (meaning: string) => z.string({ error: 'is given more than once' }).optional().describe(meaning);

/** Unknown parameters, and `pid`, are ignored: what they say to an engine is this server's business. */
export const contentSchema = z.object({
  id: once('Content id: 40 hex digits in any case, acestream:// before it or not'),
  content_id: once('The same as id'),
  infohash: once('40 hex digits in any case'),
  url: once('Address of a transport file'),
  magnet: once('Magnet link'),
  file_index: once('Which file of the content; default 0'),
});

/** The URL of the playlist for whoever asked for a stream, relative: right behind any proxy and under any base path. */
export function playlistLocation(url: string): string {
  const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  parameters.delete('format');
  return `manifest.m3u8?${parameters}`;
}
