import { type Channel, infohashOf } from '../channel.ts';
import { resolveContentId, resolveInfohash } from '../channels.ts';

/** A content that the engine can play. */
export interface Content {
  readonly infohash: string;
  readonly channel: Channel;
}

/** Why a request names no content; the engine's own words. */
export type ContentFailure = 'missing content id' | 'failed to load content';

/**
 * The content a request names. `content_id` (or its old name `id`) goes before `infohash`, then `url`, then `magnet`.
 * A transport file is known by the sha1 of its address, a magnet link by its `btih`.
 */
export function resolveContent(query: URLSearchParams, override?: Channel): Content | ContentFailure {
  const contentId = query.get('content_id') || query.get('id');
  const infohash = query.get('infohash');
  const url = query.get('url');
  const magnet = query.get('magnet');
  if (!contentId && !infohash && !url && !magnet) return 'missing content id';
  const channel = contentId
    ? resolveContentId(contentId)
    : resolveInfohash(infohash || (url ? infohashOf(url) : magnetInfohash(magnet ?? '')));
  if (!channel) return 'failed to load content';
  return {
    infohash: channel.infohash,
    channel: override ? { ...override, infohash: channel.infohash, contentId: channel.contentId } : channel,
  };
}

function magnetInfohash(magnet: string): string {
  return /xt=urn:btih:([0-9a-f]{40})(?:&|$)/i.exec(magnet)?.[1] ?? '';
}
