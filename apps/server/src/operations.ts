/** Every operation that is timed. The first five have the names of the 1.5 release. */
export const operations = [
  'hls_manifest_generation',
  'hls_segment_fetch',
  'mpegts_chunk_read',
  'docker_stats_collection',
  'stream_event_handling',
  'lease_acquire',
  'engine_open',
  'engine_probe',
  'engine_stat',
  'engine_stop',
  'first_byte',
  'recovery',
] as const;

/**
 * - `hls_manifest_generation`: answering a playlist that did not have to wait for media.
 * - `hls_segment_fetch`: cutting a segment from a stream, or fetching it from an engine; a lost one is a failure.
 * - `mpegts_chunk_read`: one read of a source, from asking to having the bytes.
 * - `stream_event_handling`: recording one event in the life of a stream.
 * - `lease_acquire`: waiting for a slot on an engine.
 * - `engine_open`, `engine_stat`, `engine_stop`: one call of an engine's API.
 * - `engine_probe`: one health check.
 * - `first_byte`: from the first request for a stream to its first byte.
 * - `recovery`: the longest that a player's socket was without media while another engine took over; a success is a
 *   splice that no player notices.
 */
export type Operation = (typeof operations)[number];
