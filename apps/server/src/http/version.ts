import { z } from 'zod';
import type { Routes } from './server.ts';

/** `/version`. */
export function versionRoutes({ version }: { readonly version: string }): Routes {
  return (app, _options, done) => {
    app.get(
      '/version',
      {
        schema: {
          operationId: 'getVersion',
          summary: 'Which version this is',
          tags: ['status'],
          response: { 200: z.object({ name: z.string(), version: z.string(), node: z.string() }) },
        },
        config: { area: 'read' },
      },
      async () => ({ name: 'acestream-orchestrator', version, node: process.versions.node }),
    );
    done();
  };
}
