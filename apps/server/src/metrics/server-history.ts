import { performance } from 'node:perf_hooks';
import type { Services } from '../services.ts';
import { History, type SeriesKind, type StreamSample } from './history.ts';

/** What is kept of the whole server. */
export const serverSeries = {
  throughput_in: { unit: 'bytes/s', text: 'Read from engines' },
  throughput_out: { unit: 'bytes/s', text: 'Sent to players' },
  viewers: { unit: '1', text: 'Players that are connected' },
  streams: { unit: '1', text: 'Streams that run' },
  engines: { unit: '1', text: 'Engines that are known' },
  engines_healthy: { unit: '1', text: 'Engines that are healthy' },
  slots_used: { unit: '1', text: 'Streams that engines play' },
  cpu_percent: { unit: '%', text: 'CPU of this process; 100 is one core' },
  event_loop_percent: { unit: '%', text: 'Time in which the event loop was busy' },
  memory_bytes: { unit: 'bytes', text: 'Memory of this process' },
} as const satisfies Readonly<Record<string, SeriesKind>>;

export type ServerSeries = keyof typeof serverSeries;

type HistoryServices = Pick<Services, 'engines' | 'streams' | 'sessions' | 'p2p'>;

/** The history of this server. */
export function serverHistory(services: HistoryServices, intervalMs?: number): History<ServerSeries> {
  const sample = sampler(services);
  return new History({
    series: serverSeries,
    sample,
    streams: () => streamSamples(services),
    ...(intervalMs === undefined ? {} : { intervalMs }),
  });
}

/** Rates are over the time since the sample before. */
function sampler({ engines, streams, sessions }: HistoryServices): () => Record<ServerSeries, number> {
  const read = () => ({
    atMs: performance.now(),
    cpu: process.cpuUsage(),
    loop: performance.eventLoopUtilization(),
    totals: sessions.all().totals,
  });
  let before = read();
  return () => {
    const now = read();
    const seconds = Math.max((now.atMs - before.atMs) / 1_000, 0.001);
    const cpuMicroseconds = now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system;
    const all = engines.list();
    const result = {
      throughput_in: (now.totals.bytesIn - before.totals.bytesIn) / seconds,
      throughput_out: (now.totals.bytesOut - before.totals.bytesOut) / seconds,
      viewers: sessions.all().clients,
      streams: streams.active().length,
      engines: all.length,
      engines_healthy: all.filter(({ health }) => health === 'healthy').length,
      slots_used: engines.capacity().used,
      cpu_percent: cpuMicroseconds / 10_000 / seconds,
      event_loop_percent: performance.eventLoopUtilization(now.loop, before.loop).utilization * 100,
      memory_bytes: process.memoryUsage.rss(),
    };
    before = now;
    return result;
  };
}

function streamSamples({ streams, sessions, p2p }: HistoryServices): ReadonlyMap<string, StreamSample> {
  return new Map(
    streams.active().map(({ id, streamKey }) => {
      const session = sessions.of(streamKey);
      return [
        id,
        {
          bitrate: session?.bitsPerSecond ?? Number.NaN,
          // Engines are asked only while somebody looks.
          peers: p2p.latest(id)?.peers ?? Number.NaN,
          clients: session?.clients.length ?? Number.NaN,
        },
      ];
    }),
  );
}
