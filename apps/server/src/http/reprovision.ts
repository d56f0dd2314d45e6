import type { ReprovisionStatus } from '@acestream-orchestrator/engine-orchestrator';
import { z } from 'zod';
import type { Services } from '../services.ts';
import { mustBeManaged } from './managed-engines.ts';
import type { Routes } from './server.ts';

const statusSchema = z
  .object({
    in_progress: z.boolean(),
    status: z.enum(['idle', 'in_progress', 'success']),
    phase: z.enum(['idle', 'replacing', 'waiting', 'done']),
    total_engines: z.number().int(),
    engines_stopped: z.number().int(),
    engines_provisioned: z.number().int(),
    message: z.string(),
  })
  .meta({ id: 'Reprovision' });

/** Replacing engines that are not what would be made now. */
export function reprovisionRoutes(services: Pick<Services, 'engines'>): Routes {
  const { engines } = services;
  return (app, _options, done) => {
    app.post(
      '/custom-variant/reprovision',
      {
        schema: {
          operationId: 'reprovision',
          summary: 'Replace the engines that are outdated, or all when none is, one at a time; their streams move',
          tags: ['engines'],
          response: { 200: statusSchema },
        },
        config: { area: 'admin', errors: { 409: ['not_managed', 'reprovision_running'] } },
      },
      async () => {
        mustBeManaged(services);
        return reprovisionState(engines.reprovision());
      },
    );

    app.get(
      '/custom-variant/reprovision/status',
      {
        schema: {
          operationId: 'getReprovision',
          summary: 'How far the replacement of the engines has come',
          tags: ['engines'],
          response: { 200: statusSchema },
        },
        config: { area: 'read' },
      },
      async () => reprovisionState(engines.reprovisionStatus()),
    );
    done();
  };
}

function reprovisionState(status: ReprovisionStatus): z.infer<typeof statusSchema> {
  const { inProgress, phase, totalEngines, enginesStopped, enginesProvisioned, message } = status;
  return {
    in_progress: inProgress,
    status: inProgress ? 'in_progress' : phase === 'done' ? 'success' : 'idle',
    phase,
    total_engines: totalEngines,
    engines_stopped: enginesStopped,
    engines_provisioned: enginesProvisioned,
    message,
  };
}
