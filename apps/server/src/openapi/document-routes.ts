import { fastifySwagger, type SwaggerTransform } from '@fastify/swagger';
import type { FastifyInstance, FastifySchema, RouteOptions } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { errorSchema } from './error-schema.ts';
import { finishDocument, type OpenApiDocument } from './finish-document.ts';
import { simplifySchema } from './json-schema.ts';
import { type ErrorCodes, errorsOf } from './route-errors.ts';
import { securityOf, securitySchemes } from './security.ts';
import { type Tag, tags } from './tags.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Codes of the errors that the route itself answers with, by status. See docs/errors.md. */
    errors?: ErrorCodes;
  }
}

/** Where the documented paths are; what is elsewhere is an alias for clients of the 1.5 release. */
const canonicalPaths = /^\/(api\/v1|ace)\//;

/**
 * Collects every route that is added afterwards into the OpenAPI 3.1 document that {@link documentOf} returns. A route
 * without `operationId`, `summary` and one known tag cannot be added, unless it says `hide`.
 */
export function documentRoutes(app: FastifyInstance, basePath = ''): void {
  app.addHook('onRoute', refuseUndocumented);
  app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'AceStream Orchestrator',
        version: '1',
        description:
          'One URL in front of a pool of AceStream engines. Management paths are at the root as well, for clients of the 1.5 release.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: basePath === '' ? '/' : basePath }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      components: { securitySchemes },
    },
    stripBasePath: false,
    convertConstToEnum: false,
    transform,
    transformObject: (document) => finishDocument(addComponents(document) as OpenApiDocument),
  });
}

/** The document of all routes. The app must be ready. */
export function documentOf(app: FastifyInstance): OpenApiDocument {
  return app.swagger() as OpenApiDocument;
}

function refuseUndocumented({ method, url, schema }: RouteOptions): void {
  if (schema?.hide === true) return;
  const faults = [
    ...(schema?.operationId === undefined ? ['operationId'] : []),
    ...(schema?.summary === undefined ? ['summary'] : []),
    ...(schema?.tags?.length === 1 && Object.hasOwn(tags, schema.tags[0] as Tag) ? [] : ['one known tag']),
  ];
  if (faults.length > 0) throw new TypeError(`${String(method)} ${url} has no ${faults.join(', no ')}`);
}

const zodToJsonConfig = { override: simplifySchema };
const toJsonSchema = createJsonSchemaTransform({ zodToJsonConfig });
const addComponents = createJsonSchemaTransformObject({ zodToJsonConfig });

const transform: SwaggerTransform<FastifySchema> = (document) => {
  const { schema, url, route } = document;
  const { config = {} } = route;
  if (!canonicalPaths.test(url) || schema.hide === true) return { schema: { hide: true }, url };
  const errors = Object.entries(errorsOf(schema, config)).map(([status, codes]) => [
    status,
    { description: codes.join(', '), content: { 'application/json': { schema: errorSchema } } },
  ]);
  const documented = {
    ...schema,
    security: securityOf(config.area ?? 'open'),
    response: { ...withDescriptions(schema.response), ...Object.fromEntries(errors) },
  };
  return toJsonSchema({ ...document, schema: documented });
};

/** Says of each answer what it is; `{ description, content }` speaks for itself. */
function withDescriptions(response: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(response ?? {}).map(([status, answer]) => [
      status,
      'content' in answer ? answer : { description: 'Done', content: { 'application/json': { schema: answer } } },
    ]),
  );
}
