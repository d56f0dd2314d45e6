import { createHash } from 'node:crypto';
import type { LoopName } from './playout/media-loops.ts';

/** What a channel plays: a committed media loop, or the synthetic benchmark stream at a bit rate. */
export type ChannelMedia = LoopName | { readonly bitsPerSecond: number };

/** One piece of content of the simulated network. */
export interface Channel {
  /** 40 hex digits, lower case; `null` when only the infohash is known. */
  readonly contentId: string | null;
  /** 40 hex digits, lower case: sha1 of the content id. Decides, with the clock, every byte the channel sends. */
  readonly infohash: string;
  /** Title, and the service name in the stream. */
  readonly name: string;
  readonly categories: readonly string[];
  /** ISO 639-2 codes. */
  readonly languages: readonly string[];
  /** ISO 3166 codes, lower case. */
  readonly countries: readonly string[];
  /** Mean rate of the transport stream, in bits per second. */
  readonly bitsPerSecond: number;
  readonly media: ChannelMedia;
}

/** The infohash of a content id: its sha1, in lower-case hex. */
export function infohashOf(contentId: string): string {
  return createHash('sha1').update(contentId.toLowerCase()).digest('hex');
}
