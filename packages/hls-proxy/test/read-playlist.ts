import { parse, setOptions, type types } from 'hls-parser';
import type { Stage } from './stage.ts';

setOptions({ strictMode: true });

/** The playlist of `news` as a viewer gets it; throws when it breaks a rule of RFC 8216. */
export async function read(s: Stage): Promise<types.MediaPlaylist> {
  return parse(String(await s.proxy.playlist('news'))) as types.MediaPlaylist;
}

/** The sequence numbers of the segments behind a discontinuity. */
export function discontinuities({ segments }: types.MediaPlaylist): number[] {
  return segments.filter(({ discontinuity }) => discontinuity).map(({ mediaSequenceNumber }) => mediaSequenceNumber);
}
