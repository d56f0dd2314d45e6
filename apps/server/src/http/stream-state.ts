import type { SessionStats as HlsStats } from '@acestream-orchestrator/hls-proxy';
import type { SessionStats } from '@acestream-orchestrator/mpegts-proxy';
import { z } from 'zod';
import type { P2pSnapshot } from '../streams/p2p-stats.ts';
import type { StreamRecord } from '../streams/stream-book.ts';
import { isPlayer } from '../streams/viewer.ts';
import { spliceSchema, spliceState, streamHealth, streamHealthSchema } from './stream-health.ts';
import { streamHls, streamHlsSchema } from './stream-hls.ts';

/** Unix seconds, as text as an engine sends them. */
export const liveposSchema = z
  .object({
    pos: z.string().nullable(),
    live_first: z.string().nullable(),
    live_last: z.string().nullable(),
    first_ts: z.string().nullable(),
    last_ts: z.string().nullable(),
    buffer_pieces: z.string().nullable(),
  })
  .nullable();

/** A stream as the API shows it; field names as in the 1.5 release. */
export const streamStateSchema = z
  .object({
    id: z.string(),
    key_type: z.enum(['content_id', 'infohash', 'url', 'magnet']),
    key: z.string().describe('What was asked for: a content id, an infohash, a URL or a magnet link'),
    infohash: z.string().describe('Empty where a proxy outside did not tell it'),
    container_id: z.string().describe('The engine'),
    playback_session_id: z.string(),
    stat_url: z.string().nullable().describe('Only with the key'),
    command_url: z.string().nullable().describe('Only with the key'),
    is_live: z.boolean(),
    started_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    end_reason: z.string().nullable(),
    status: z.enum(['started', 'ended']),
    peers: z.number().nullable(),
    speed_down: z.number().nullable().describe('KB/s'),
    speed_up: z.number().nullable().describe('KB/s'),
    downloaded: z.number().nullable().describe('Bytes'),
    uploaded: z.number().nullable().describe('Bytes'),
    livepos: liveposSchema,
    clients: z.number().int().describe('Players, viewers of HLS included'),
    bitrate: z.number().nullable().describe('Bits per second'),
    sources: z.number().int().describe('Engine sessions so far'),
    recoveries: z.number().int(),
    state: z.enum(['opening', 'live', 'recovering', 'closed']),
    health: streamHealthSchema.nullable(),
    hls: streamHlsSchema.nullable().describe('Null while nobody plays it as HLS'),
    origin: z.enum(['server', 'outside']).describe('outside: a proxy beside this one plays it, and told us'),
    splices: z.array(spliceSchema).describe('The last 20 recoveries, oldest first'),
  })
  .meta({ id: 'StreamState' });

export type StreamState = z.infer<typeof streamStateSchema>;

/** What is known of a stream while it runs. */
export interface RunningStream {
  readonly session: SessionStats | undefined;
  /** The sessions that publish it. */
  readonly hls: readonly HlsStats[];
}

/** @param privileged whether the engine's URLs are shown */
export function streamState(
  record: StreamRecord,
  { session, hls }: RunningStream,
  p2p: P2pSnapshot | undefined,
  privileged: boolean,
): StreamState {
  const players = session?.clients.filter(isPlayer).length ?? 0;
  const viewers = hls.reduce((sum, published) => sum + published.viewers.length, 0);
  const [published] = hls.toSorted((one, other) => other.viewers.length - one.viewers.length);
  return {
    id: record.id,
    key_type: record.content.kind,
    key: record.content.value,
    infohash: record.session.infohash,
    container_id: record.engine.id,
    playback_session_id: record.session.playbackSessionId,
    stat_url: privileged ? record.session.statUrl : null,
    command_url: privileged ? record.session.commandUrl : null,
    is_live: record.session.isLive,
    started_at: new Date(record.startedAt).toISOString(),
    ended_at: record.endedAt === undefined ? null : new Date(record.endedAt).toISOString(),
    end_reason: record.endReason ?? null,
    status: record.endedAt === undefined ? 'started' : 'ended',
    ...p2pFields(p2p),
    clients: players + viewers,
    bitrate: session === undefined || session.bitsPerSecond === 0 ? null : Math.round(session.bitsPerSecond),
    sources: record.sources,
    recoveries: record.recoveries,
    state: record.endedAt === undefined ? (session?.state ?? stateElsewhere(record, published)) : 'closed',
    health: session === undefined ? null : streamHealth(session),
    hls: published === undefined ? null : { ...streamHls(published), viewers },
    origin: record.outside ? 'outside' : 'server',
    splices: (session?.recoveries ?? []).map(spliceState),
  };
}

function p2pFields(
  p2p: P2pSnapshot | undefined,
): Pick<StreamState, 'peers' | 'speed_down' | 'speed_up' | 'downloaded' | 'uploaded' | 'livepos'> {
  return {
    peers: p2p?.peers ?? null,
    speed_down: p2p?.speedDownKBps ?? null,
    speed_up: p2p?.speedUpKBps ?? null,
    downloaded: p2p?.downloadedBytes ?? null,
    uploaded: p2p?.uploadedBytes ?? null,
    livepos: livepos(p2p),
  };
}

/** One line of `/streams/{id}/stats`. */
export const streamSnapshotSchema = z
  .object({
    ts: z.iso.datetime(),
    peers: z.number(),
    speed_down: z.number().describe('KB/s'),
    speed_up: z.number().describe('KB/s'),
    downloaded: z.number().describe('Bytes'),
    uploaded: z.number().describe('Bytes'),
    status: z.string(),
    livepos: liveposSchema,
  })
  .meta({ id: 'StreamSnapshot' });

export function streamSnapshot(snapshot: P2pSnapshot): z.infer<typeof streamSnapshotSchema> {
  return {
    ts: new Date(snapshot.at).toISOString(),
    peers: snapshot.peers,
    speed_down: snapshot.speedDownKBps,
    speed_up: snapshot.speedUpKBps,
    downloaded: snapshot.downloadedBytes,
    uploaded: snapshot.uploadedBytes,
    status: snapshot.status,
    livepos: livepos(snapshot),
  };
}

export function livepos(snapshot: P2pSnapshot | undefined): z.infer<typeof liveposSchema> {
  if (snapshot?.livepos === undefined) return null;
  const { pos, liveFirst, liveLast, firstTs, lastTs, bufferPieces } = snapshot.livepos;
  const text = (value: number | undefined): string | null => (value === undefined ? null : String(value));
  return {
    pos: text(pos),
    live_first: text(liveFirst),
    live_last: text(liveLast),
    first_ts: text(firstTs),
    last_ts: text(lastTs),
    buffer_pieces: text(bufferPieces),
  };
}

/** Of a stream that has no bytes here: one of outside, or one whose segments the engine cuts. */
function stateElsewhere({ outside }: StreamRecord, published: HlsStats | undefined): StreamState['state'] {
  if (outside) return 'live';
  const state = published?.state ?? 'opening';
  return state === 'ended' ? 'closed' : state;
}
