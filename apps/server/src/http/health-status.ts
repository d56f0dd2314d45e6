import { z } from 'zod';
import type { Services } from '../services.ts';
import { breakersSchema, breakersState } from './circuit-breakers.ts';
import type { Routes } from './server.ts';

const statusSchema = z
  .object({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    total_engines: z.number().int(),
    healthy_engines: z.number().int(),
    unhealthy_engines: z.number().int(),
    unknown_engines: z.number().int().describe('Not looked at yet'),
    draining_engines: z.number().int(),
    minimum_required: z.number().int(),
    desired_engines: z.number().int(),
    runtime_failure: z.string().nullable().describe('Why what runs the engines cannot be reached'),
    circuit_breakers: breakersSchema,
    storage: z.object({
      ok: z.boolean().describe('Whether settings and events can be written'),
      reason: z.enum(['corrupt', 'read_only', 'full', 'unavailable']).nullable(),
      message: z.string().nullable(),
      since: z.iso.datetime().nullable(),
      pending_events: z.number().int().describe('Wait to be written'),
      lost_events: z.number().int().describe('Since the start, because they could not be written'),
    }),
    settings_faults: z.array(z.string()).describe('What was saved and cannot be used'),
  })
  .meta({ id: 'HealthStatus' });

/** `/health/status`: what is well and what is not. */
export function healthStatusRoutes({
  engines,
  storage,
  events,
  settings,
}: Pick<Services, 'engines' | 'storage' | 'events' | 'settings'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/health/status',
      {
        schema: {
          operationId: 'getHealthStatus',
          summary: 'What is well and what is not: engines, and what survives a restart',
          tags: ['status'],
          response: { 200: statusSchema },
        },
        config: { area: 'read' },
      },
      async (): Promise<z.infer<typeof statusSchema>> => {
        const all = engines.list();
        const count = (health: string): number => all.filter((engine) => engine.health === health).length;
        const { desired, runtimeFailure } = engines.provisioning();
        const { ok, reason, message, since } = storage.state();
        const { pending, lost } = events.backlog();
        const degraded = count('healthy') < Math.max(all.length, desired) || !ok || settings.faults.length > 0;
        return {
          status: count('healthy') === 0 && desired > 0 ? 'unhealthy' : degraded ? 'degraded' : 'healthy',
          total_engines: all.length,
          healthy_engines: count('healthy'),
          unhealthy_engines: count('unhealthy'),
          unknown_engines: count('unknown'),
          draining_engines: all.filter(({ draining }) => draining).length,
          minimum_required: engines.managed ? engines.settings.minReplicas : all.length,
          desired_engines: desired,
          runtime_failure: runtimeFailure ?? null,
          circuit_breakers: breakersState(engines),
          storage: {
            ok,
            reason: reason ?? null,
            message: message ?? null,
            since: since === undefined ? null : new Date(since).toISOString(),
            pending_events: pending,
            lost_events: lost,
          },
          settings_faults: [...settings.faults],
        };
      },
    );
    done();
  };
}
