import { createHash } from 'node:crypto';

/** A made-up installation of any size, which moves: for pages that must stay smooth with more than this machine plays. */
export interface Crowd {
  readonly engines: Readonly<Record<string, unknown>>[];
  readonly streams: Record<string, unknown>[];
  readonly status: Readonly<Record<string, unknown>>;
  /** Newest first. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  /** One stream a second later. */
  move(index: number): Readonly<Record<string, unknown>>;
}

const start = Date.now();
const ago = (seconds: number): string => new Date(start - seconds * 1_000).toISOString();
const hash = (text: string): string => createHash('sha1').update(text).digest('hex');

/** @param streamCount of which each engine plays three */
export function makeCrowd(streamCount: number, eventCount: number): Crowd {
  const engineCount = Math.max(1, Math.ceil(streamCount / 3));
  const engines = Array.from({ length: engineCount }, (_, index) => engine(index, streamCount));
  const streams = Array.from({ length: streamCount }, (_, index) => stream(index, engineCount));
  return {
    engines,
    streams,
    status: status(engineCount, streamCount),
    events: Array.from({ length: eventCount }, (_, index) => event(eventCount - index, index * 7)),
    move(index) {
      const before = streams[index]!;
      const after = {
        ...before,
        bitrate: (before['bitrate'] as number) + ((index * 7919 + Date.now()) % 40_001) - 20_000,
        peers: 8 + ((index + Math.floor(Date.now() / 3_000)) % 30),
        speed_down: 180 + ((index * 31 + Date.now()) % 90),
      };
      streams[index] = after;
      return after;
    },
  };
}

function engine(index: number, streamCount: number): Record<string, unknown> {
  const leases = Math.min(3, Math.max(0, streamCount - index * 3));
  return {
    container_id: hash(`engine ${index}`).slice(0, 12),
    container_name: `acestream-${index + 1}`,
    host: '172.18.0.2',
    port: 19_000 + index,
    labels: { 'acestream.engine_variant': 'nano-ace' },
    forwarded: index === 0,
    first_seen: ago(90_000),
    last_seen: ago(3),
    streams: [],
    health_status: index % 23 === 22 ? 'unhealthy' : 'healthy',
    last_health_check: ago(8),
    last_stream_usage: ago(200),
    vpn_container: null,
    engine_variant: 'nano-ace',
    platform: 'linux',
    version: '3.2.3',
    forwarded_port: null,
    ready: index % 23 !== 22,
    draining: index % 19 === 18,
    leases,
    max_leases: 3,
    penalties: index % 11 === 10 ? 2 : 0,
    outdated: null,
  };
}

function stream(index: number, engineCount: number): Record<string, unknown> {
  const key = hash(`channel ${index}`);
  const now = Math.floor(start / 1_000);
  return {
    id: `${key}|session-${index}`,
    key_type: 'content_id',
    key,
    infohash: hash(`infohash ${index}`),
    container_id: hash(`engine ${index % engineCount}`).slice(0, 12),
    playback_session_id: `session-${index}`,
    stat_url: null,
    command_url: null,
    is_live: true,
    started_at: ago(60 + index * 13),
    ended_at: null,
    end_reason: null,
    status: 'started',
    peers: 12,
    speed_down: 210,
    speed_up: 40,
    downloaded: 80_000_000 + index,
    uploaded: 9_000_000,
    livepos: {
      pos: String(now - 15),
      live_first: String(now - 1_800),
      live_last: String(now),
      first_ts: String(now - 1_800),
      last_ts: String(now),
      buffer_pieces: '15',
    },
    clients: (index * 37) % 41,
    bitrate: 1_500_000 + ((index * 97) % 60) * 100_000,
    sources: 1,
    recoveries: index % 9 === 8 ? 1 : 0,
    state: index % 31 === 30 ? 'recovering' : 'live',
    health: null,
    splices: [],
  };
}

function status(engineCount: number, streamCount: number): Record<string, unknown> {
  return {
    status: 'healthy',
    engines: { total: engineCount, running: engineCount, healthy: engineCount, unhealthy: 0 },
    streams: { active: streamCount, total: streamCount + 20 },
    capacity: {
      total: engineCount * 3,
      used: streamCount,
      available: engineCount * 3 - streamCount,
      waiting: 0,
      max_replicas: engineCount,
      min_replicas: 1,
    },
    vpn: { enabled: false, connected: false, health: 'disabled' },
    provisioning: {
      can_provision: true,
      circuit_breaker_state: 'closed',
      last_failure: null,
      blocked_reason: null,
      blocked_reason_details: null,
    },
    newer_images: [],
    config: {},
    timestamp: ago(0),
  };
}

const sentences = [
  ['stream', 'started', 'Stream started on acestream-3'],
  ['stream', 'ended', 'Stream ended: the last viewer left'],
  ['engine', 'healthy', 'Engine acestream-7 answers again'],
  ['engine', 'created', 'Engine acestream-12 was started'],
  ['health', 'degraded', 'One engine of six does not answer'],
  ['system', 'settings', 'Settings were changed'],
] as const;

function event(id: number, secondsAgo: number): Record<string, unknown> {
  const [event_type, category, message] = sentences[id % sentences.length]!;
  return {
    id,
    timestamp: ago(secondsAgo),
    event_type,
    category,
    message: `${message} (${id})`,
    details: { attempt: id % 3, reason: 'idle' },
    container_id: event_type === 'engine' ? hash(`engine ${id % 7}`).slice(0, 12) : null,
    stream_id: event_type === 'stream' ? `${hash(`channel ${id % 50}`)}|session-${id % 50}` : null,
  };
}
