export type {
  Clock,
  HlsProxyHooks,
  HlsProxySettings,
  HlsProxyStats,
  RequestCounts,
  SessionEndReason,
  SessionState,
  SessionStats,
  ViewerEndReason,
  ViewerStats,
} from './contract.ts';
export { HlsProxyError, type HlsProxyErrorCode } from './errors.ts';
export type { PlaylistDirectives } from './playlist-request.ts';
export { HlsProxy, type HlsProxyOptions, type PlaylistOptions, type ServeOptions } from './proxy.ts';
export type { StoredBytes } from './publication.ts';
export type {
  OpenContext,
  OpenSegments,
  Part,
  Segment,
  SegmentKey,
  SegmentResource,
  SegmentSource,
  SourceCloseReason,
} from './segment-source.ts';
export type { HlsProxySettingsInput } from './settings.ts';
export { type FromPlaylistOptions, fromPlaylist } from './upstream/from-playlist.ts';
export type { Variant } from './upstream/read-playlist.ts';
