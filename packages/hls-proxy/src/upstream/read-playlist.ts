import { getOptions, parse, setOptions, type types } from 'hls-parser';
import { HlsProxyError } from '../errors.ts';

export interface ByteSpan {
  readonly offset: number;
  readonly length: number;
}

/** One rendition of a master playlist. */
export interface Variant {
  readonly url: string;
  /** Bits per second at most. */
  readonly bandwidth: number;
  readonly averageBandwidth: number | undefined;
  readonly resolution: { readonly width: number; readonly height: number } | undefined;
  readonly frameRate: number | undefined;
  readonly codecs: string | undefined;
}

export interface UpstreamKey {
  readonly method: string;
  /** Absolute; of any scheme. */
  readonly uri: string;
  readonly iv: Uint8Array | undefined;
  readonly format: string | undefined;
  readonly formatVersions: string | undefined;
}

export interface UpstreamSegment {
  readonly sequence: number;
  readonly url: string;
  readonly span: ByteSpan | undefined;
  readonly durationMs: number;
  readonly discontinuity: boolean;
  readonly programDateTimeMs: number | undefined;
  /** Said to be missing: not to be fetched. */
  readonly gap: boolean;
  readonly key: UpstreamKey | undefined;
  readonly map: { readonly url: string; readonly span: ByteSpan | undefined } | undefined;
}

export interface UpstreamWindow {
  readonly kind: 'media';
  readonly targetDurationMs: number;
  readonly mediaSequence: number;
  /** The stream is over after these. */
  readonly ended: boolean;
  readonly segments: readonly UpstreamSegment[];
}

export type UpstreamPlaylist = UpstreamWindow | { readonly kind: 'master'; readonly variants: readonly Variant[] };

/**
 * Reads a playlist; every URI in it comes out absolute.
 *
 * @throws {HlsProxyError} `bad_playlist`
 */
export function readPlaylist(text: string, url: string): UpstreamPlaylist {
  const clean = text.replace(/^\uFEFF/, '');
  if (!clean.startsWith('#EXTM3U')) {
    throw new HlsProxyError(
      'bad_playlist',
      `${url} is not a playlist: it begins with ${JSON.stringify(text.slice(0, 40))}`,
    );
  }
  try {
    const playlist = parseQuietly(clean);
    return playlist.isMasterPlaylist
      ? {
          kind: 'master',
          variants: (playlist as types.MasterPlaylist).variants.flatMap((each) => variantOf(each, url)),
        }
      : windowOf(playlist as types.MediaPlaylist, url);
  } catch (cause) {
    throw new HlsProxyError('bad_playlist', `${url} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

/** hls-parser complains on the console, and takes its settings for the whole process: they are put back. */
function parseQuietly(text: string): types.MasterPlaylist | types.MediaPlaylist {
  const { strictMode = false, silent = false } = getOptions();
  setOptions({ strictMode: false, silent: true });
  try {
    return parse(text) as types.MasterPlaylist | types.MediaPlaylist;
  } finally {
    setOptions({ strictMode, silent });
  }
}

function variantOf(variant: types.Variant, url: string): Variant[] {
  if (variant.isIFrameOnly === true) return [];
  const { bandwidth, averageBandwidth, resolution, frameRate, codecs } = variant;
  return [{ url: absolute(variant.uri, url), bandwidth, averageBandwidth, resolution, frameRate, codecs }];
}

function windowOf(playlist: types.MediaPlaylist, url: string): UpstreamWindow {
  const mediaSequence = playlist.mediaSequenceBase ?? 0;
  const segments: UpstreamSegment[] = [];
  let nextDateMs: number | undefined;
  for (const [index, segment] of playlist.segments.entries()) {
    // Parts of a segment that is still being made come as one without a URI.
    if (segment.uri === '') continue;
    const durationMs = segment.duration * 1000;
    const dateMs = segment.programDateTime?.getTime() ?? (segment.discontinuity === true ? undefined : nextDateMs);
    nextDateMs = dateMs === undefined ? undefined : dateMs + durationMs;
    const sequence = mediaSequence + index;
    segments.push({
      ...{ sequence, durationMs, url: absolute(segment.uri, url), span: spanOf(segment.byterange) },
      ...{ discontinuity: segment.discontinuity === true, programDateTimeMs: dateMs, gap: segment.gap === true },
      key: keyOf(segment.key, sequence, url),
      map: segment.map ? { url: absolute(segment.map.uri, url), span: spanOf(segment.map.byterange) } : undefined,
    });
  }
  const longestMs = segments.reduce((longest, { durationMs }) => Math.max(longest, durationMs), 0);
  const targetDurationMs = Math.max((playlist.targetDuration || 0) * 1000, Math.ceil(longestMs / 1000) * 1000) || 1000;
  return { kind: 'media', targetDurationMs, mediaSequence, ended: playlist.endlist, segments };
}

function spanOf(range: { length: number; offset: number } | undefined): ByteSpan | undefined {
  return range ? { length: range.length, offset: Math.max(0, range.offset) } : undefined;
}

/** Our sequence numbers are others: the IV that follows from the upstream's is written out (RFC 8216 §5.2). */
function keyOf(key: types.Key | null | undefined, sequence: number, url: string): UpstreamKey | undefined {
  if (!key || key.method === 'NONE' || key.uri === undefined) return undefined;
  const implied = key.format === undefined || key.format === 'identity';
  return {
    method: key.method,
    uri: absolute(key.uri, url),
    iv: key.iv ? new Uint8Array(key.iv) : implied ? sequenceAsIv(sequence) : undefined,
    format: key.format,
    formatVersions: key.formatVersion,
  };
}

function sequenceAsIv(sequence: number): Uint8Array {
  const iv = new Uint8Array(16);
  new DataView(iv.buffer).setBigUint64(8, BigInt(sequence));
  return iv;
}

function absolute(uri: string, base: string): string {
  return new URL(uri, base).href;
}
