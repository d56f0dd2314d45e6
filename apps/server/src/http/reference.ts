import { z } from 'zod';
import { documentOf } from '../openapi/document-routes.ts';
import { referencePage } from '../openapi/reference-page.ts';
import { hasSlash } from './normal-url.ts';
import { pageHeaders } from './page-headers.ts';
import type { Routes } from './server.ts';

/** `/openapi.json` and `/docs`: this API, for programs and for people. */
export function referenceRoutes(): Routes {
  return (app, _options, done) => {
    app.get(
      '/openapi.json',
      {
        schema: {
          operationId: 'getOpenApi',
          summary: 'This API as an OpenAPI 3.1 document',
          tags: ['reference'],
          response: { 200: z.looseObject({ openapi: z.literal('3.1.0') }) },
        },
        config: { area: 'open' },
      },
      async () => documentOf(app) as { openapi: '3.1.0' },
    );

    app.get(
      '/docs',
      {
        schema: {
          operationId: 'getReference',
          summary: 'This API as a page',
          tags: ['reference'],
          response: { 200: { description: 'A page', content: { 'text/html': { schema: z.string() } } } },
        },
        config: { area: 'open' },
      },
      async (request, reply) => {
        // The page's links are relative.
        if (hasSlash(request.originalUrl)) return reply.redirect('../docs', 302);
        reply.headers(pageHeaders).type('text/html; charset=utf-8');
        return referencePage(documentOf(app));
      },
    );
    done();
  };
}
