import type Docker from 'dockerode';
import type { RuntimeStats } from '../runtime/engine-runtime.ts';

/** What two measurements are needed for. */
export interface CpuSample {
  readonly containerNs: number;
  readonly systemNs: number;
}

export function cpuSample({ cpu_stats: cpu }: Docker.ContainerStats): CpuSample | undefined {
  const containerNs = cpu?.cpu_usage?.total_usage;
  const systemNs = cpu?.system_cpu_usage;
  return containerNs === undefined || systemNs === undefined ? undefined : { containerNs, systemNs };
}

/** The sample that the daemon itself took a moment before, which a one-shot answer lacks. */
export function previousSample({ precpu_stats: cpu }: Docker.ContainerStats): CpuSample | undefined {
  const systemNs = cpu?.system_cpu_usage ?? 0;
  return systemNs === 0 ? undefined : { containerNs: cpu.cpu_usage.total_usage, systemNs };
}

/** The figures of `docker stats`, computed as it does. 0 % without an earlier sample. */
export function readStats(stats: Docker.ContainerStats, before: CpuSample | undefined): RuntimeStats {
  const networks = Object.values(stats.networks ?? {});
  return {
    cpuPercent: cpuPercent(stats, before),
    memoryUsageBytes: memoryUsage(stats.memory_stats),
    memoryLimitBytes: stats.memory_stats?.limit ?? 0,
    networkReceivedBytes: sum(networks.map(({ rx_bytes }) => rx_bytes)),
    networkSentBytes: sum(networks.map(({ tx_bytes }) => tx_bytes)),
    ...blockBytes(stats.blkio_stats),
  };
}

/** Its share of the time that all processors together spent, times their number. */
function cpuPercent(stats: Docker.ContainerStats, before: CpuSample | undefined): number {
  const now = cpuSample(stats);
  if (now === undefined || before === undefined) return 0;
  const used = now.containerNs - before.containerNs;
  const passed = now.systemNs - before.systemNs;
  if (used <= 0 || passed <= 0) return 0;
  const processors = stats.cpu_stats.online_cpus || stats.cpu_stats.cpu_usage.percpu_usage?.length || 1;
  return (used / passed) * processors * 100;
}

/** Without the page cache that could go at once: `total_inactive_file` of cgroup v1, `inactive_file` of v2. */
function memoryUsage(memory: Docker.MemoryStats | undefined): number {
  const usage = memory?.usage ?? 0;
  const figures: Readonly<Record<string, number | undefined>> = { ...memory?.stats };
  const cache = figures['total_inactive_file'] ?? figures['inactive_file'] ?? 0;
  return cache < usage ? usage - cache : usage;
}

function blockBytes(blkio: Docker.BlkioStats | undefined): { blockReadBytes: number; blockWrittenBytes: number } {
  const entries = blkio?.io_service_bytes_recursive ?? [];
  const of = (operation: string): number =>
    sum(entries.filter(({ op }) => op.toLowerCase() === operation).map(({ value }) => value));
  return { blockReadBytes: of('read'), blockWrittenBytes: of('write') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
