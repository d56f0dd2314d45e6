import type { BreakerStatus } from '@acestream-orchestrator/engine-orchestrator';
import { z } from 'zod';
import type { Services } from '../services.ts';
import { choice } from './parameter-types.ts';
import type { Routes } from './server.ts';

const breakerSchema = z
  .object({
    state: z.enum(['closed', 'open', 'half_open']),
    failure_count: z.number().int(),
    failure_threshold: z.number().int(),
    retry_in_seconds: z.number().int(),
    last_failure: z.string().nullable(),
  })
  .meta({ id: 'CircuitBreaker' });

export const breakersSchema = z.object({ general: breakerSchema, replacement: breakerSchema });

/** `/health/circuit-breaker/reset`: makes engines again although that failed too often. */
export function circuitBreakerRoutes({ engines }: Pick<Services, 'engines'>): Routes {
  return (app, _options, done) => {
    app.post(
      '/health/circuit-breaker/reset',
      {
        schema: {
          operationId: 'resetCircuitBreaker',
          summary: 'Close a circuit breaker, or both, and try again at once',
          tags: ['status'],
          querystring: z.object({
            operation_type: choice(['general', 'replacement']).optional().describe('Which one; default both'),
          }),
          response: { 200: z.object({ message: z.string(), circuit_breakers: breakersSchema }) },
        },
        config: { area: 'admin' },
      },
      async (request) => {
        const name = request.query.operation_type;
        engines.resetBreakers(name);
        const which = name === undefined ? 'Both circuit breakers are' : `The ${name} circuit breaker is`;
        return { message: `${which} reset`, circuit_breakers: breakersState(engines) };
      },
    );
    done();
  };
}

export function breakerName(state: BreakerStatus['state']): z.infer<typeof breakerSchema>['state'] {
  return state === 'half-open' ? 'half_open' : state;
}

function breakerState({
  state,
  failures,
  threshold,
  retryInMs,
  lastFailure,
}: BreakerStatus): z.infer<typeof breakerSchema> {
  return {
    state: breakerName(state),
    failure_count: failures,
    failure_threshold: threshold,
    retry_in_seconds: Math.ceil(retryInMs / 1_000),
    last_failure: lastFailure ?? null,
  };
}

export function breakersState({ provisioning }: Services['engines']): z.infer<typeof breakersSchema> {
  const { general, replacement } = provisioning().breakers;
  return { general: breakerState(general), replacement: breakerState(replacement) };
}
