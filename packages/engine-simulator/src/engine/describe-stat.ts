import type { ActiveFault } from '../faults/active-fault.ts';
import type { Download } from './download.ts';
import type { EngineContext } from './engine-context.ts';

const PIECE_BYTES = 16_384;

/** A fraction in [0, 1) that wanders from second to second, the same for the same engine, content and second. */
function wander(context: EngineContext, download: Download, second: number, salt: number): number {
  const seed = Number.parseInt(download.infohash.slice(0, 8), 16) ^ context.settings.seed ^ salt;
  const wave = Math.sin(second / 7 + (seed % 1000)) + Math.sin(second / 2.3 + (seed % 777));
  return (wave + 2) / 4.001;
}

const toPieces = (bytes: number): number => Math.floor(bytes / PIECE_BYTES) * PIECE_BYTES;
const toSeconds = (ms: number): number => Math.floor(ms / 1000);

/** The `response` of `stat_url`. Speeds are KB/s, bytes come in pieces, and live positions are strings, as measured. */
export function describeStat(context: EngineContext, download: Download): Readonly<Record<string, unknown>> {
  const { faults, settings } = context;
  const { infohash } = download;
  const nowMs = settings.now();
  const second = toSeconds(nowMs);
  const elapsedMs = Math.max(0, nowMs - download.startedAtMs);
  const starved = Boolean(faults.peek('playback-hangs', infohash) ?? faults.peek('playback-fails', infohash));
  const playing = download.ready && (!starved || download.reader !== undefined);
  const alive = !starved && !faults.peek('no-peers', infohash);
  const progress = starved ? 0 : Math.min(100, Math.floor((100 * elapsedMs) / Math.max(1, download.startDelayMs)));

  const rate = download.playout.bytesPerSecond;
  const received = toPieces(starved ? 0 : rate * (elapsedMs / 1000) + (rate * settings.burstMs * progress) / 100_000);
  const speed = rate * (playing ? 0.85 + 0.3 * wander(context, download, second, 1) : 2);
  return {
    status: playing ? 'dl' : 'prebuf',
    ...(playing ? {} : { progress }),
    peers: alive ? 3 + Math.floor(25 * wander(context, download, second, 2)) : 0,
    speed_down: alive ? Math.round(speed / 1024) : 0,
    speed_up: alive ? Math.round((speed * 0.2 * wander(context, download, second, 3)) / 1024) : 0,
    downloaded: received,
    uploaded: toPieces(received * 0.15),
    total_progress: 0,
    is_live: faults.peek('on-demand', infohash) ? 0 : 1,
    is_encrypted: 0,
    infohash,
    playback_session_id: download.playbackSessionId,
    client_session_id: -1,
    selected_stream_index: 0,
    selected_file_index: -1,
    stream_status: -1,
    manifest_access_mode: -1,
    network_monitor_status: 0,
    network_monitor_started: false,
    debug_level: 0,
    disk_cache_stats: {
      avail: 3_199_156_224,
      disk_cache_limit: 2_266_017_044,
      inactive_inuse: 0,
      active_inuse: Math.min(received, settings.liveBufferBytes),
    },
    ...(playing ? { livepos: describeLivePosition(context, download, nowMs - settings.lagMs) } : {}),
  };
}

function describeLivePosition(
  context: EngineContext,
  download: Download,
  liveMs: number,
): Readonly<Record<string, string>> {
  const looped = context.faults.peek('looped', download.infohash);
  const lastMs = looped ? positionInLoop(looped, liveMs) : liveMs;
  const last = String(toSeconds(lastMs));
  const first = String(toSeconds(lastMs - context.settings.liveBufferMs));
  const position = looped ? lastMs : Math.min(lastMs, download.reader?.positionMs ?? lastMs);
  return {
    pos: String(toSeconds(position)),
    live_first: first,
    live_last: last,
    first_ts: first,
    last_ts: last,
    last,
    is_live: '1',
    buffer_pieces: '30',
  };
}

/** Where a looped content is: it goes round in a stretch that was live before the fault was set. */
function positionInLoop({ parameters, setAtMs }: ActiveFault<'looped'>, liveMs: number): number {
  return setAtMs - parameters.ageMs + (Math.max(0, liveMs - setAtMs) % parameters.periodMs);
}
