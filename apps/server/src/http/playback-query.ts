import { z } from 'zod';
import { hasSlash, splitUrl } from './normal-url.ts';
import { choice } from './parameter-types.ts';

export const once = (meaning: string) => z.string({ error: 'is given more than once' }).optional().describe(meaning);

export const formatSchema = choice(['ts', 'hls']).optional().describe('In any case; default STREAM_FORMAT');

/** Unknown parameters, and `pid`, are ignored: what they say to an engine is this server's business. */
export const contentSchema = z.object({
  id: once('Content id: 40 hex digits in any case, acestream:// before it or not'),
  content_id: once('The same as id'),
  infohash: once('40 hex digits in any case'),
  url: once('Address of a transport file'),
  magnet: once('Magnet link'),
  file_index: once('Which file of the content; default 0'),
});

/**
 * The URL of the playlist for whoever asked for a content by `url`, relative: right behind any proxy and under any base
 * path. `url` is as the player sent it, since that is what the answer is relative to.
 */
export function playlistLocation(url: string): string {
  const parameters = new URLSearchParams(splitUrl(url).query);
  for (const name of [...parameters.keys()]) if (name.toLowerCase() === 'format') parameters.delete(name);
  return `${hasSlash(url) ? '../' : ''}manifest.m3u8?${parameters}`;
}
