import type { RuntimeEngine } from '@acestream-orchestrator/engine-orchestrator';
import { z } from 'zod';
import type { Services } from '../services.ts';
import { mustBeManaged } from './managed-engines.ts';
import { wholeNumber } from './parameter-types.ts';
import type { Routes } from './server.ts';

const requestSchema = z
  .object({
    labels: z.record(z.string().min(1).max(200), z.string().max(4_000)).optional(),
    env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(10_000)).optional(),
    host_port: z.int().min(1).max(65_535).nullish().describe('Where it is to be reached; default any free port'),
  })
  .nullish();

const madeSchema = z.object({
  container_id: z.string(),
  container_name: z.string(),
  host_http_port: z.number().int(),
  container_http_port: z.number().int(),
  container_https_port: z.number().int().nullable(),
});

/** Making engines, and how many of them. */
export function scalingRoutes(services: Pick<Services, 'engines'>): Routes {
  const { engines } = services;
  return (app, _options, done) => {
    app.post(
      '/provision/acestream',
      {
        schema: {
          operationId: 'provisionEngine',
          summary: 'Make an engine; answers when it exists and its process runs',
          description:
            'While the number of engines follows the demand, one that is not needed goes again once it is idle.',
          tags: ['engines'],
          body: requestSchema,
          response: { 200: madeSchema },
        },
        config: { area: 'admin', errors: { 409: ['not_managed'], 503: ['provisioning_blocked'] } },
      },
      async (request) => {
        mustBeManaged(services);
        const { labels, env, host_port } = request.body ?? {};
        return madeState(
          await engines.provision({
            ...(labels === undefined ? {} : { labels }),
            ...(env === undefined ? {} : { env }),
            ...(host_port === undefined || host_port === null ? {} : { port: host_port }),
          }),
        );
      },
    );

    app.post(
      '/scale/:count',
      {
        schema: {
          operationId: 'scaleEngines',
          summary: 'Keep this many engines: exactly with SCALING=manual, at least otherwise, never above the maximum',
          tags: ['engines'],
          params: z.object({
            count: wholeNumber(0, 1_000).describe('Engines that there are to be'),
          }),
          response: { 200: z.object({ message: z.string(), scaled_to: z.number().int(), engines: z.number().int() }) },
        },
        config: { area: 'admin', errors: { 409: ['not_managed'] } },
      },
      async (request) => {
        mustBeManaged(services);
        const count = engines.scale(request.params.count);
        return { message: `Keeping ${count} engines`, scaled_to: count, engines: engines.list().length };
      },
    );

    app.post(
      '/gc',
      {
        schema: {
          operationId: 'collectEngines',
          summary:
            'Let engines go now that are idle and not needed, and remove cache volumes that no engine has any more',
          tags: ['engines'],
          response: {
            200: z.object({
              message: z.string(),
              removed: z.array(z.string()),
              pruned: z.number().int().describe('Cache volumes that were removed'),
            }),
          },
        },
        config: { area: 'admin', errors: { 409: ['not_managed'] } },
      },
      async () => {
        mustBeManaged(services);
        const removed = [...engines.collectIdle()];
        const pruned = await engines.prune();
        const message = `${removed.length} engines are being removed, and ${pruned} cache volumes were`;
        return { message, removed, pruned };
      },
    );
    done();
  };
}

function madeState({ id, name, port, labels }: RuntimeEngine): z.infer<typeof madeSchema> {
  const labelled = (label: string): number | undefined => {
    const value = Number(labels[label]);
    return Number.isInteger(value) && value > 0 ? value : undefined;
  };
  return {
    container_id: id,
    container_name: name,
    host_http_port: labelled('host.http_port') ?? port,
    container_http_port: labelled('acestream.http_port') ?? port,
    container_https_port: labelled('acestream.https_port') ?? null,
  };
}
