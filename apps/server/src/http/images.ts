import { z } from 'zod';
import type { Services } from '../services.ts';
import { containerErrors } from './container-errors.ts';
import type { Routes } from './server.ts';

const { 404: _unused, ...errors } = containerErrors;

const imageSchema = z.object({
  image: z.string(),
  present: z.boolean(),
  id: z.string().nullable(),
  architecture: z.string().nullable(),
  size_bytes: z.number().int().nullable(),
  created: z.iso.datetime().nullable(),
  digests: z.array(z.string()).describe('Of the registry'),
  pull: z
    .object({
      status: z.enum(['pulling', 'done', 'failed']),
      layers: z.number().int(),
      layers_done: z.number().int(),
      bytes: z.number().int(),
      total_bytes: z.number().int().describe('As far as it is known yet'),
      error: z.string().nullable(),
    })
    .nullable()
    .describe('The last download since the server started'),
});

/** `/images`: what engines are made from. */
export function imageRoutes({ containers }: Pick<Services, 'containers'>): Routes {
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
      async () =>
        (await containers.images()).map(({ image, local, pull }) => ({
          image,
          present: local !== undefined,
          id: local?.id ?? null,
          architecture: local?.architecture ?? null,
          size_bytes: local?.sizeBytes ?? null,
          created: isoOrNull(local?.createdAt),
          digests: [...(local?.digests ?? [])],
          pull:
            pull === undefined
              ? null
              : {
                  status: pull.status,
                  layers: pull.layers,
                  layers_done: pull.layersDone,
                  bytes: pull.bytes,
                  total_bytes: pull.totalBytes,
                  error: pull.error ?? null,
                },
        })),
    );
    done();
  };
}

/** An image that was imported may have no time. */
function isoOrNull(at: number | undefined): string | null {
  return at === undefined || !(at > 0) ? null : new Date(at).toISOString();
}
