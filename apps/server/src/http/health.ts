import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import type { Routes } from './server.ts';

/** `/healthz` and `/readyz`, for containers and load balancers. */
export function healthRoutes({ engines, isClosing }: Pick<Services, 'engines' | 'isClosing'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/healthz',
      {
        schema: {
          operationId: 'checkLiveness',
          summary: 'Whether the process works',
          tags: ['status'],
          response: { 200: z.object({ status: z.literal('ok') }) },
        },
        config: { area: 'open' },
      },
      async () => ({ status: 'ok' as const }),
    );

    app.get(
      '/readyz',
      {
        schema: {
          operationId: 'checkReadiness',
          summary: 'Whether it can play: at least one engine is ready, and it is not being stopped',
          tags: ['status'],
          response: { 200: z.object({ status: z.literal('ready'), engines: z.number().int() }) },
        },
        config: { area: 'open', errors: { 503: ['no_engines', 'shutting_down'] } },
      },
      async () => {
        if (isClosing()) throw new ApiError(503, 'shutting_down', 'The server is shutting down.', { retryable: true });
        const ready = engines.list().filter((engine) => engine.ready).length;
        if (ready > 0) return { status: 'ready' as const, engines: ready };
        throw new ApiError(503, 'no_engines', 'No engine is ready.', { retryable: true, retryAfterSeconds: 5 });
      },
    );
    done();
  };
}
