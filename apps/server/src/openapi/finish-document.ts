import type { OpenAPIV3_1 } from 'openapi-types';

/** An OpenAPI 3.1 document as this server makes it. */
export type OpenApiDocument = OpenAPIV3_1.Document & { readonly paths: OpenAPIV3_1.PathsObject };

/** Puts the paths in order and drops component schemas that nothing refers to. */
export function finishDocument(document: OpenApiDocument): OpenApiDocument {
  const { paths, components } = document;
  return {
    ...document,
    paths: Object.fromEntries(Object.entries(paths).toSorted(byKey)),
    components: { ...components, schemas: usedSchemas(paths, components?.schemas ?? {}) },
  };
}

type Schemas = NonNullable<OpenAPIV3_1.ComponentsObject['schemas']>;

function usedSchemas(paths: unknown, schemas: Schemas): Schemas {
  const used = new Set<string>();
  const visit = (part: unknown): void => {
    for (const [, name = ''] of JSON.stringify(part).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (used.has(name)) continue;
      used.add(name);
      visit(schemas[name] ?? {});
    }
  };
  visit(paths);
  return Object.fromEntries(
    Object.entries(schemas)
      .filter(([name]) => used.has(name))
      .toSorted(byKey),
  );
}

function byKey([one]: [string, unknown], [other]: [string, unknown]): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
