import { z } from 'zod';

const once = z.string({ error: 'is given more than once' }).optional();

/** Unknown parameters, and `pid`, are ignored: what they say to an engine is this server's business. */
export const contentSchema = z.object({
  id: once,
  content_id: once,
  infohash: once,
  url: once,
  magnet: once,
  file_index: once,
});

/** The URL of the playlist for whoever asked for a stream, relative: right behind any proxy and under any base path. */
export function playlistLocation(url: string): string {
  const parameters = new URLSearchParams(url.slice(url.indexOf('?') + 1));
  parameters.delete('format');
  return `manifest.m3u8?${parameters}`;
}
