import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';
import { findEngine, mustBeManaged } from './managed-engines.ts';
import type { Routes } from './server.ts';

const idSchema = z.object({ id: z.string().describe('The id of an engine; its name will do') });
const doneSchema = z.object({ message: z.string(), container_id: z.string(), streams: z.number().int() });
const unmanaged = ['not_managed'];

/** What can be done to one engine. Its streams are moved to other engines first, without a gap where there is room. */
export function engineActionRoutes(services: Pick<Services, 'engines'>): Routes {
  const { engines } = services;
  return (app, _options, done) => {
    app.post(
      '/engines/:id/drain',
      {
        schema: {
          operationId: 'drainEngine',
          summary: 'Empty an engine: its streams move, and it takes nothing new until it is resumed',
          tags: ['engines'],
          params: idSchema,
          response: { 200: doneSchema },
        },
        config: { area: 'admin', errors: { 404: ['engine_not_found'] } },
      },
      async (request) => {
        const { id, leases } = findEngine(services, request.params.id);
        engines.drain(id);
        return { message: 'Engine is being emptied', container_id: id, streams: leases };
      },
    );

    app.post(
      '/engines/:id/resume',
      {
        schema: {
          operationId: 'resumeEngine',
          summary: 'Let an engine that was drained take streams again',
          tags: ['engines'],
          params: idSchema,
          response: { 200: doneSchema },
        },
        config: { area: 'admin', errors: { 404: ['engine_not_found'], 409: ['engine_leaving'] } },
      },
      async (request) => {
        const { id, leases } = findEngine(services, request.params.id);
        if (!engines.resume(id)) throw new ApiError(409, 'engine_leaving', `Engine ${id} is being removed.`);
        return { message: 'Engine takes streams again', container_id: id, streams: leases };
      },
    );

    app.post(
      '/engines/:id/restart',
      {
        schema: {
          operationId: 'restartEngine',
          summary: 'Empty an engine and start its process anew; answers when that is done',
          tags: ['engines'],
          params: idSchema,
          response: { 200: doneSchema },
        },
        config: {
          area: 'admin',
          errors: { 404: ['engine_not_found'], 409: unmanaged, 502: ['restart_failed'] },
        },
      },
      async (request) => {
        const { id, leases } = findEngine(services, request.params.id);
        mustBeManaged(services);
        if (!(await engines.restart(id))) {
          throw new ApiError(502, 'restart_failed', `Engine ${id} could not be restarted.`, { retryable: true });
        }
        return { message: 'Engine restarted', container_id: id, streams: leases };
      },
    );

    app.delete(
      '/engines/:id',
      {
        schema: {
          operationId: 'removeEngine',
          summary: 'Empty an engine and remove it; answers when it is gone. What did not move in time is cut off',
          tags: ['engines'],
          params: idSchema,
          response: { 200: doneSchema },
        },
        config: { area: 'admin', errors: { 404: ['engine_not_found'], 409: unmanaged } },
      },
      async (request) => {
        const { id, leases } = findEngine(services, request.params.id);
        mustBeManaged(services);
        await engines.remove(id);
        return { message: 'Engine removed', container_id: id, streams: leases };
      },
    );
    done();
  };
}
