import type { SessionStats } from '@acestream-orchestrator/hls-proxy';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { Services } from '../services.ts';

/** Who watches HLS, what is kept for them, and how often it was there already when they asked. */
export function addHlsMetrics(registry: Registry, { hls }: Pick<Services, 'hls'>): void {
  type Stats = ReturnType<typeof hls.stats>;
  const registers = [registry];
  const gauge = (name: string, help: string, read: (stats: Stats) => number): Gauge =>
    new Gauge({
      name: `orch_hls_${name}`,
      help,
      registers,
      collect() {
        this.set(read(hls.stats()));
      },
    });
  gauge('sessions', 'Streams that are published as HLS.', ({ sessions }) => sessions.length);
  gauge('viewers', 'Players that poll HLS.', ({ viewers }) => viewers);
  gauge('memory_bytes', 'Memory that HLS segments take.', ({ memory }) => memory.usedBytes);

  const counter = (name: string, help: string, read: (totals: Stats['totals']) => number): Counter =>
    new Counter({
      name: `orch_hls_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read(hls.stats().totals));
      },
    });
  counter('viewers', 'Players that began to poll HLS.', ({ viewers }) => viewers);
  counter('playlist_requests', 'Playlists that were answered.', ({ playlists }) => playlists);
  counter('playlists_built', 'Playlists that were written anew.', ({ playlistsBuilt }) => playlistsBuilt);
  counter('segment_requests', 'Segments and parts that were asked for.', ({ segments }) => segments);
  counter('segment_hits', 'Those that were there when asked for.', ({ segmentHits }) => segmentHits);
  counter('bytes_out', 'Bytes of playlists and segments sent to players.', ({ bytesSent }) => bytesSent);

  const perStream = (name: string, help: string, read: (session: SessionStats) => number): Gauge =>
    new Gauge({
      name: `orch_stream_hls_${name}`,
      help,
      labelNames: ['stream'],
      registers,
      collect() {
        this.reset();
        for (const session of hls.stats().sessions) this.set({ stream: session.key }, read(session));
      },
    });
  perStream('viewers', 'Players of the stream that poll HLS.', ({ viewers }) => viewers.length);
  perStream('window_seconds', 'Length of its playlist.', ({ window }) => window.durationMs / 1000);
  perStream('window_bytes', 'Memory that its segments take.', ({ window }) => window.bytes);
  perStream('media_sequence', 'Number of the first segment in its playlist.', ({ window }) => window.mediaSequence);
}
