import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { cpuSample, readStats } from './read-stats.ts';

/** Answers of real daemons, cut to what is read. */
const cgroup1 = {
  cpu_stats: { cpu_usage: { total_usage: 3_000, percpu_usage: [1_000, 2_000] }, system_cpu_usage: 20_000 },
  memory_stats: { usage: 1_000, limit: 4_000, stats: { total_inactive_file: 300, inactive_file: 100 } },
  networks: { eth0: { rx_bytes: 10, tx_bytes: 20 }, eth1: { rx_bytes: 1, tx_bytes: 2 } },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 8, minor: 0, op: 'Read', value: 5 },
      { major: 8, minor: 0, op: 'Write', value: 6 },
      { major: 8, minor: 16, op: 'Read', value: 7 },
      { major: 8, minor: 0, op: 'Total', value: 99 },
    ],
  },
} as unknown as Docker.ContainerStats;
const cgroup2 = {
  cpu_stats: { cpu_usage: { total_usage: 3_000 }, system_cpu_usage: 20_000, online_cpus: 4 },
  memory_stats: { usage: 1_000, limit: 4_000, stats: { inactive_file: 100 } },
  blkio_stats: { io_service_bytes_recursive: [{ major: 8, minor: 0, op: 'read', value: 5 }] },
} as unknown as Docker.ContainerStats;
const before = { containerNs: 1_000, systemNs: 10_000 };

it('computes what docker stats shows, on cgroup v1', () => {
  expect(readStats(cgroup1, before)).toEqual({
    cpuPercent: 40,
    memoryUsageBytes: 700,
    memoryLimitBytes: 4_000,
    networkReceivedBytes: 11,
    networkSentBytes: 22,
    blockReadBytes: 12,
    blockWrittenBytes: 6,
  });
});

it('computes what docker stats shows, on cgroup v2 and inside the network of another container', () => {
  expect(readStats(cgroup2, before)).toEqual({
    cpuPercent: 80,
    memoryUsageBytes: 900,
    memoryLimitBytes: 4_000,
    networkReceivedBytes: 0,
    networkSentBytes: 0,
    blockReadBytes: 5,
    blockWrittenBytes: 0,
  });
});

it('shows no load without an earlier sample, or after a restart', () => {
  expect(readStats(cgroup2, undefined).cpuPercent).toBe(0);
  expect(readStats(cgroup2, { containerNs: 9_000, systemNs: 10_000 }).cpuPercent).toBe(0);
});

it('survives an answer with nothing in it', () => {
  const empty = { cpu_stats: {}, memory_stats: {} } as unknown as Docker.ContainerStats;
  expect(cpuSample(empty)).toBeUndefined();
  expect(readStats(empty, before).memoryUsageBytes).toBe(0);
});
