import type { SessionStats } from '@acestream-orchestrator/hls-proxy';
import { z } from 'zod';

/** How a stream is published as HLS. */
export const streamHlsSchema = z.object({
  viewers: z.number().int(),
  media_sequence: z.number().int(),
  discontinuity_sequence: z.number().int(),
  segments: z.number().int().describe('In the playlist'),
  window_seconds: z.number(),
  target_duration_seconds: z.number(),
  bytes: z.number().int().describe('Kept, segments that have left the playlist included'),
  lost_segments: z.number().int(),
  playlist_requests: z.number().int(),
  playlists_built: z.number().int().describe('The other requests were answered from memory'),
  segment_requests: z.number().int(),
  segment_hits: z.number().int().describe('Segments and parts that were there when asked for'),
  bytes_sent: z.number().int(),
});

export function streamHls({ viewers, window, segments, requests, bytesSent }: SessionStats): StreamHls {
  return {
    viewers: viewers.length,
    media_sequence: window.mediaSequence,
    discontinuity_sequence: window.discontinuitySequence,
    segments: window.segments,
    window_seconds: window.durationMs / 1000,
    target_duration_seconds: window.targetDurationMs / 1000,
    bytes: window.bytes,
    lost_segments: segments.lost,
    playlist_requests: requests.playlists,
    playlists_built: requests.playlistsBuilt,
    segment_requests: requests.segments,
    segment_hits: requests.segmentHits,
    bytes_sent: bytesSent,
  };
}

type StreamHls = z.infer<typeof streamHlsSchema>;
