import { z } from 'zod';
import { customVariantSchema } from '../custom-variant-config.ts';
import type { Services } from '../services.ts';
import { containerErrors } from './container-errors.ts';
import type { Routes } from './server.ts';

const { 404: _unused, ...dockerErrors } = containerErrors;

/** `/custom-variant`: engines from an image of one's own. */
export function customVariantRoutes({ containers }: Pick<Services, 'containers'>): Routes {
  return (app, _options, done) => {
    app.get(
      '/custom-variant/config',
      {
        schema: {
          operationId: 'getCustomVariant',
          summary: 'Show the image of one’s own that engines are made from',
          tags: ['containers'],
          response: { 200: customVariantSchema },
        },
        config: { area: 'admin' },
      },
      async () => containers.customVariant(),
    );

    app.post(
      '/custom-variant/config',
      {
        schema: {
          operationId: 'setCustomVariant',
          summary: 'Make engines from an image of one’s own, or no longer',
          description:
            'Checked as a whole: when anything is wrong, nothing changes. Engines that run are replaced one at a time.',
          tags: ['containers'],
          body: customVariantSchema,
          response: { 200: customVariantSchema },
        },
        config: { area: 'admin', errors: { 503: ['storage_unavailable'] } },
      },
      async (request) => containers.setCustomVariant(request.body),
    );

    app.get(
      '/custom-variant/platform',
      {
        schema: {
          operationId: 'getPlatform',
          summary: 'Show the processor that engines run on, and the variant that fits it',
          tags: ['containers'],
          response: {
            200: z.object({ platform: z.string(), variant: z.string().nullable() }),
          },
        },
        config: { area: 'read', errors: dockerErrors },
      },
      async () => {
        const { architecture, variant } = await containers.platform();
        return { platform: architecture, variant: variant ?? null };
      },
    );
    done();
  };
}
