import { HlsProxyError } from './errors.ts';

/** What a playlist is asked for with. */
export interface PlaylistDirectives {
  /** Wait for this media sequence number (RFC 8216bis §6.2.5.2). */
  readonly msn?: number | undefined;
  /** And for this part of it. */
  readonly part?: number | undefined;
  /** Low-latency tags; default the proxy's `lowLatency`. */
  readonly lowLatency?: boolean | undefined;
}

const NONE: PlaylistDirectives = {};

/**
 * Reads `_HLS_msn`, `_HLS_part` and `ll` from a query string. Everything else in it is somebody else's.
 *
 * @throws {HlsProxyError} `bad_directive`
 */
export function readDirectives(query: string): PlaylistDirectives {
  if (query === '') return NONE;
  const parameters = new URLSearchParams(query);
  const msn = countOf(parameters, '_HLS_msn');
  const part = countOf(parameters, '_HLS_part');
  if (part !== undefined && msn === undefined) throw new HlsProxyError('bad_directive', '_HLS_part needs _HLS_msn');
  const ll = parameters.get('ll') ?? '';
  return { msn, part, lowLatency: ll === '' ? undefined : ll !== '0' };
}

/** The directives of a query string as one again, for a redirect. */
export function formatDirectives({ msn, part, lowLatency }: PlaylistDirectives): string {
  const parameters = new URLSearchParams();
  if (lowLatency !== undefined) parameters.set('ll', lowLatency ? '1' : '0');
  if (msn !== undefined) parameters.set('_HLS_msn', `${msn}`);
  if (part !== undefined) parameters.set('_HLS_part', `${part}`);
  return parameters.size === 0 ? '' : `?${parameters}`;
}

function countOf(parameters: URLSearchParams, name: string): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new HlsProxyError('bad_directive', `${name} is a whole number, not ${text}`);
  return Number(text);
}
