import type { Registry } from 'prom-client';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { choice, wholeNumber } from './parameter-types.ts';
import type { Routes } from './server.ts';

const operationSchema = z.object({
  count: z.number().int(),
  avg_ms: z.number(),
  p50_ms: z.number(),
  p95_ms: z.number(),
  p99_ms: z.number(),
  min_ms: z.number(),
  max_ms: z.number(),
  success_rate: z.number().describe('Percent'),
});

const stepSecondsMin = 5;

/** `/metrics` for Prometheus and `/metrics/performance` for people. */
export function metricsRoutes({
  metrics,
  registry,
}: Pick<Services, 'metrics'> & { readonly registry: Registry }): Routes {
  return (app, _options, done) => {
    app.get(
      '/metrics',
      {
        schema: {
          operationId: 'scrapeMetrics',
          summary: 'Everything that is measured, for Prometheus',
          tags: ['status'],
          response: {
            200: { description: 'Prometheus text format', content: { 'text/plain': { schema: z.string() } } },
          },
        },
        config: { area: 'metrics' },
      },
      async (_request, reply) => {
        reply.type(registry.contentType);
        return registry.metrics();
      },
    );

    app.get(
      '/metrics/performance',
      {
        schema: {
          operationId: 'reportPerformance',
          summary: 'Count, percentiles and success rate of timed operations',
          tags: ['status'],
          querystring: z.object({
            operation: z.string().min(1).max(100).optional().describe('Only this one; an unknown one is all zeros'),
            window: z
              .union([choice(['all']), wholeNumber(1, Number.MAX_SAFE_INTEGER)], {
                error: 'is a whole number of seconds, or all',
              })
              .optional()
              .describe('The last so many seconds; default all'),
          }),
          response: {
            200: z.object({
              window_seconds: z.union([z.number().int(), z.literal('all')]),
              operations: z.record(z.string(), operationSchema),
            }),
          },
        },
        config: { area: 'metrics' },
      },
      async (request) => {
        const { operation, window = 'all' } = request.query;
        if (window !== 'all' && window > metrics.retentionSeconds) {
          throw new ApiError(
            400,
            'bad_input',
            `window must be at most ${metrics.retentionSeconds} seconds, not ${window}.`,
          );
        }
        return metrics.report({ windowSeconds: window, ...(operation === undefined ? {} : { operation }) });
      },
    );

    app.get(
      '/metrics/performance/history',
      {
        schema: {
          operationId: 'chartPerformance',
          summary: 'What one timed operation did, step by step',
          description:
            'The same figures as /metrics/performance, for each step that is over; a later answer repeats the steps and adds new ones.',
          tags: ['status'],
          querystring: z.object({
            operation: z.string().min(1).max(100).describe('An unknown one is all zeros'),
            step: wholeNumber(stepSecondsMin, metrics.retentionSeconds).prefault(stepSecondsMin).describe('Seconds'),
            window: wholeNumber(1, metrics.retentionSeconds)
              .prefault(metrics.retentionSeconds)
              .describe('The last so many seconds'),
          }),
          response: {
            200: z.object({
              operation: z.string(),
              step_seconds: z.number().int(),
              timestamps: z.array(z.iso.datetime()).describe('The end of each step, oldest first'),
              steps: z.array(operationSchema),
            }),
          },
        },
        config: { area: 'metrics' },
      },
      async (request) => {
        const { operation, step, window } = request.query;
        const { ended_ms_ago, steps } = metrics.series(operation, { stepSeconds: step, windowSeconds: window });
        const endedAt = Date.now() - ended_ms_ago;
        return {
          operation,
          step_seconds: step,
          timestamps: steps.map((_, index) =>
            new Date(endedAt - (steps.length - 1 - index) * step * 1_000).toISOString(),
          ),
          steps: [...steps],
        };
      },
    );
    done();
  };
}
