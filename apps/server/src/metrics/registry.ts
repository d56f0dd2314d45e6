import { registerPerfMetrics } from '@acestream-orchestrator/perf-metrics/prometheus';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Services } from '../services.ts';
import { addHlsMetrics } from './hls-metrics.ts';
import { addStreamHealthMetrics } from './stream-metrics.ts';

/** What Prometheus reads: the names of the 1.5 release, the proxy's, every timed operation, and the process. */
export function createRegistry(
  services: Pick<Services, 'engines' | 'streams' | 'sessions' | 'hls' | 'p2p' | 'metrics'>,
): Registry {
  const registry = new Registry();
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  addStreamMetrics(gauge, services);
  addEngineMetrics(gauge, services);
  addProxyMetrics(gauge, registry, services);
  addStreamHealthMetrics(registry, services);
  addHlsMetrics(registry, services);
  registerPerfMetrics(services.metrics, registry, { prefix: 'orch_' });
  collectDefaultMetrics({ register: registry });
  return registry;
}

type AddGauge = (name: string, help: string, read: () => number) => void;

function addStreamMetrics(gauge: AddGauge, { streams, p2p }: Pick<Services, 'streams' | 'p2p'>): void {
  const sum = (read: (peers: { peers: number; speedDownKBps: number; speedUpKBps: number }) => number): number => {
    p2p.watch(0);
    return streams.active().reduce((total, { id }) => {
      const latest = p2p.latest(id);
      return latest === undefined ? total : total + read(latest);
    }, 0);
  };
  gauge('orch_total_uploaded_bytes', 'Bytes that engines uploaded to peers.', () => p2p.totals().uploadedBytes);
  gauge('orch_total_downloaded_bytes', 'Bytes that engines downloaded from peers.', () => p2p.totals().downloadedBytes);
  gauge(
    'orch_total_upload_speed_mbps',
    'Upload of all streams, in MiB per second.',
    () => sum((p) => p.speedUpKBps) / 1024,
  );
  gauge(
    'orch_total_download_speed_mbps',
    'Download of all streams, in MiB per second.',
    () => sum((p) => p.speedDownKBps) / 1024,
  );
  gauge('orch_total_peers', 'Peers of all streams.', () => sum((p) => p.peers));
  gauge('orch_total_streams', 'Streams that run.', () => streams.active().length);
}

function addEngineMetrics(gauge: AddGauge, { engines }: Pick<Services, 'engines'>): void {
  const count = (matches: (engine: ReturnType<typeof engines.list>[number]) => boolean): number =>
    engines.list().filter(matches).length;
  gauge('orch_healthy_engines', 'Engines that are healthy.', () => count(({ health }) => health === 'healthy'));
  gauge('orch_unhealthy_engines', 'Engines that are unhealthy.', () => count(({ health }) => health === 'unhealthy'));
  gauge('orch_used_engines', 'Engines that play something.', () => count(({ leases }) => leases > 0));
  gauge('orch_extra_engines', 'Engines beyond the configured minimum; none where engines are not made here.', () =>
    engines.managed ? Math.max(0, engines.list().length - engines.settings.minReplicas) : 0,
  );
  gauge('orch_outdated_engines', 'Engines that are not what would be made now.', () =>
    count(({ outdated }) => outdated !== undefined),
  );
  gauge('orch_engine_slots', 'Streams that the ready engines can play together.', () => engines.capacity().total);
  gauge('orch_engine_slots_used', 'Streams that engines play.', () => engines.capacity().used);
}

function addProxyMetrics(gauge: AddGauge, registry: Registry, { sessions }: Pick<Services, 'sessions'>): void {
  const counter = (
    name: string,
    help: string,
    read: (totals: ReturnType<typeof sessions.all>['totals']) => number,
  ): Counter =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read(sessions.all().totals));
      },
    });
  gauge(
    'orch_proxy_sessions',
    'Streams that the proxy holds, lingering ones included.',
    () => sessions.all().sessions.length,
  );
  gauge('orch_proxy_clients', 'Players that are connected.', () => sessions.all().clients);
  gauge('orch_proxy_memory_bytes', 'Memory that buffered video takes.', () => sessions.all().memory.usedBytes);
  gauge(
    'orch_proxy_memory_limit_bytes',
    'Memory that buffered video may take.',
    () => sessions.all().memory.limitBytes,
  );
  counter('orch_proxy_bytes_in_total', 'Bytes read from engines.', ({ bytesIn }) => bytesIn);
  counter('orch_proxy_bytes_out_total', 'Bytes sent to players.', ({ bytesOut }) => bytesOut);
  counter('orch_proxy_sessions_total', 'Streams that were started.', ({ sessions: count }) => count);
  counter('orch_proxy_clients_total', 'Players that joined.', ({ clients }) => clients);
  counter(
    'orch_proxy_continuity_errors_total',
    'Packets that came lost or repeated, of all streams.',
    ({ continuityErrors }) => continuityErrors,
  );
  new Counter({
    name: 'orch_proxy_recoveries_total',
    help: 'Times another source took over under the players, by how it was joined: exact, gap or cut.',
    labelNames: ['splice'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [splice, count] of Object.entries(sessions.all().totals.splices)) this.inc({ splice }, count);
    },
  });
  counter('orch_proxy_skips_total', 'Times a slow player skipped ahead.', ({ skips }) => skips);
}
