import type { ErrorCodes } from '../openapi/route-errors.ts';

/** What a player may be told instead of getting media. */
export const playbackErrors: ErrorCodes = {
  400: ['bad_content'],
  422: ['looping'],
  501: ['vod_not_supported'],
  502: [
    'engine_failed',
    'engine_refused',
    'engine_unreachable',
    'bad_response',
    'session_gone',
    'superseded',
    'unreachable',
    'connection_reset',
    'broken_http',
    'bad_status',
    'bad_redirect',
    'not_mpegts',
  ],
  503: [
    'content_dead',
    'no_capacity',
    'no_engines',
    'acquire_timeout',
    'too_many_clients',
    'too_many_sessions',
    'out_of_memory',
    'stream_ended',
    'shutting_down',
  ],
  504: ['engine_hung', 'engine_timeout', 'no_data', 'timeout'],
};

/** And what else instead of a playlist. */
export const hlsErrors: ErrorCodes = {
  400: ['bad_directive'],
  502: ['upstream_unreachable', 'upstream_status', 'bad_playlist', 'upstream_stale', 'segment_too_large'],
  503: ['not_ready', 'too_many_viewers'],
};
