import { z } from 'zod';
import type { Services } from '../services.ts';
import { containerErrors, registryErrors } from './container-errors.ts';
import { imageFields, imageSchema } from './image-state.ts';
import type { Routes } from './server.ts';

const { 404: _unused, ...errors } = containerErrors;
const managedErrors = { ...errors, 409: ['not_managed'] };

const nameSchema = z.string().min(1).max(500).optional().describe('Default the one that engines are made from');

const bodySchema = z.object({ image: nameSchema }).nullish();

/** `/images`: what engines are made from. */
export function imageRoutes({ images }: Pick<Services, 'images'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/images',
      {
        schema: {
          operationId: 'listImages',
          summary: 'List the image of the engines and those that were downloaded, with the progress',
          tags: ['containers'],
          response: { 200: z.array(imageSchema) },
        },
        config: { area: 'read', errors },
      },
      async () => (await images.list()).map(imageFields),
    );

    app.post(
      '/images/check',
      {
        schema: {
          operationId: 'checkImage',
          summary: 'Ask the registry whether it has a newer image of the same name; nothing is downloaded',
          description: 'The answer is in /images and /orchestrator/status from then on, as is why there was none.',
          tags: ['containers'],
          body: bodySchema,
          response: { 200: imageSchema },
        },
        config: { area: 'admin', errors: registryErrors },
      },
      async (request) => imageFields(await images.check(request.body?.image)),
    );

    app.post(
      '/images/pull',
      {
        schema: {
          operationId: 'pullImage',
          summary: 'Download the newest image of a name, or join the download that runs; answers at once',
          description:
            'How far it is, is in /images and in the live feed. Engines of an older image are shown as outdated then, and play on; /custom-variant/reprovision replaces them one at a time.',
          tags: ['containers'],
          body: bodySchema,
          response: { 202: imageSchema },
        },
        config: { area: 'admin', errors: managedErrors },
      },
      async (request, reply) => reply.status(202).send(imageFields(await images.pull(request.body?.image))),
    );

    app.delete(
      '/images/pull',
      {
        schema: {
          operationId: 'cancelPull',
          summary: 'End a download; what waits for it fails, and is tried again where engines are missing',
          tags: ['containers'],
          querystring: z.object({ image: nameSchema }),
          response: { 200: imageSchema },
        },
        config: { area: 'admin', errors: { ...managedErrors, 404: ['pull_not_found'] } },
      },
      async (request) => imageFields(await images.cancelPull(request.query.image)),
    );
    done();
  };
}
