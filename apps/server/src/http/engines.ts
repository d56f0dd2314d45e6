import { z } from 'zod';
import type { Services } from '../services.ts';
import { type EngineState, engineState, engineStateSchema } from './engine-state.ts';
import { accessOf } from './guard.ts';
import { findEngine } from './managed-engines.ts';
import type { Routes } from './server.ts';
import { streamStateSchema } from './stream-state.ts';
import { streamStates } from './streams.ts';

/** `/engines`: the pool. */
export function engineRoutes(services: Pick<Services, 'engines' | 'streams' | 'sessions' | 'hls' | 'p2p'>): Routes {
  const { streams } = services;
  return (app, _options, done) => {
    app.get(
      '/engines',
      {
        schema: {
          operationId: 'listEngines',
          summary: 'List the engines, by port',
          tags: ['engines'],
          response: { 200: z.array(engineStateSchema) },
        },
        config: { area: 'read' },
      },
      async () => engineStates(services),
    );

    app.get(
      '/engines/:id',
      {
        schema: {
          operationId: 'getEngine',
          summary: 'Show an engine and what it plays',
          tags: ['engines'],
          params: z.object({ id: z.string().describe('The id of an engine; its name will do') }),
          response: { 200: z.object({ engine: engineStateSchema, streams: z.array(streamStateSchema) }) },
        },
        config: { area: 'read', errors: { 404: ['engine_not_found'] } },
      },
      async (request) => {
        const { id } = findEngine(services, request.params.id);
        const engine = engineStates(services).find(({ container_id }) => container_id === id)!;
        const playing = streams.active().filter((stream) => stream.engine.id === id);
        return { engine, streams: streamStates(services, playing, accessOf(request).privileged) };
      },
    );
    done();
  };
}

/** Engines as the API shows them, by port. */
export function engineStates({ engines, streams }: Pick<Services, 'engines' | 'streams'>): EngineState[] {
  const active = streams.active();
  return engines
    .list()
    .toSorted((one, other) => one.port - other.port || one.host.localeCompare(other.host))
    .map((engine) =>
      engineState(
        engine,
        active.filter((stream) => stream.engine.id === engine.id).map(({ id }) => id),
      ),
    );
}
