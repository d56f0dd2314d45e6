import type { EngineStats } from '@acestream-orchestrator/engine-orchestrator';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { findEngine } from './managed-engines.ts';
import type { Routes } from './server.ts';

const statsSchema = z
  .object({
    container_id: z.string(),
    cpu_percent: z.number().describe('100 is one core'),
    memory_usage: z.number().describe('Bytes'),
    memory_limit: z.number().describe('Bytes'),
    memory_percent: z.number(),
    network_rx_bytes: z.number(),
    network_tx_bytes: z.number(),
    block_read_bytes: z.number(),
    block_write_bytes: z.number(),
  })
  .meta({ id: 'EngineStats' });

type ContainerStats = z.infer<typeof statsSchema>;

const totalSchema = z.object({
  total_cpu_percent: z.number(),
  total_memory_usage: z.number(),
  total_network_rx_bytes: z.number(),
  total_network_tx_bytes: z.number(),
  total_block_read_bytes: z.number(),
  total_block_write_bytes: z.number(),
  container_count: z.number().int(),
});

const unavailable = ['stats_unavailable'];

/** `/engines/stats/…`: what engines use, measured while somebody asks, once for all who do. */
export function engineStatsRoutes(services: Pick<Services, 'engines'>): Routes {
  const measure = async (): Promise<readonly ContainerStats[]> => {
    try {
      return statsOf(await services.engines.stats());
    } catch (error) {
      const message = `Engines could not be measured: ${error instanceof Error ? error.message : String(error)}`;
      throw new ApiError(503, 'stats_unavailable', message, { cause: error, retryable: true, retryAfterSeconds: 5 });
    }
  };

  return (app, _options, done) => {
    app.get(
      '/engines/stats/all',
      {
        schema: {
          operationId: 'getAllEngineStats',
          summary: 'What each engine that is made here uses, by its id',
          tags: ['engines'],
          response: { 200: z.record(z.string(), statsSchema) },
        },
        config: { area: 'read', errors: { 503: unavailable } },
      },
      async () => Object.fromEntries((await measure()).map((stats) => [stats.container_id, stats])),
    );

    app.get(
      '/engines/stats/total',
      {
        schema: {
          operationId: 'getTotalEngineStats',
          summary: 'What the engines that are made here use together',
          tags: ['engines'],
          response: { 200: totalSchema },
        },
        config: { area: 'read', errors: { 503: unavailable } },
      },
      async () => totalOf(await measure()),
    );

    app.get(
      '/engines/:id/stats',
      {
        schema: {
          operationId: 'getEngineStats',
          summary: 'What an engine uses',
          tags: ['engines'],
          params: z.object({ id: z.string().describe('The id of an engine; its name will do') }),
          response: { 200: statsSchema },
        },
        config: { area: 'read', errors: { 404: ['engine_not_found', 'stats_not_found'], 503: unavailable } },
      },
      async (request) => {
        const { id } = findEngine(services, request.params.id);
        const stats = (await measure()).find(({ container_id }) => container_id === id);
        if (stats === undefined) throw new ApiError(404, 'stats_not_found', `What ${id} uses is not known here.`);
        return stats;
      },
    );
    done();
  };
}

function statsOf({ engines }: EngineStats): readonly ContainerStats[] {
  return [...engines].map(([id, stats]) => ({
    container_id: id,
    cpu_percent: stats.cpuPercent,
    memory_usage: stats.memoryUsageBytes,
    memory_limit: stats.memoryLimitBytes,
    memory_percent: stats.memoryLimitBytes === 0 ? 0 : (100 * stats.memoryUsageBytes) / stats.memoryLimitBytes,
    network_rx_bytes: stats.networkReceivedBytes,
    network_tx_bytes: stats.networkSentBytes,
    block_read_bytes: stats.blockReadBytes,
    block_write_bytes: stats.blockWrittenBytes,
  }));
}

function totalOf(all: readonly ContainerStats[]): z.infer<typeof totalSchema> {
  const sum = (field: Exclude<keyof ContainerStats, 'container_id'>): number =>
    all.reduce((total, stats) => total + stats[field], 0);
  return {
    total_cpu_percent: sum('cpu_percent'),
    total_memory_usage: sum('memory_usage'),
    total_network_rx_bytes: sum('network_rx_bytes'),
    total_network_tx_bytes: sum('network_tx_bytes'),
    total_block_read_bytes: sum('block_read_bytes'),
    total_block_write_bytes: sum('block_write_bytes'),
    container_count: all.length,
  };
}
