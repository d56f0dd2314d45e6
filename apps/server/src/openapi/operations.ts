import type { OpenAPIV3_1 } from 'openapi-types';
import type { OpenApiDocument } from './finish-document.ts';

export interface DocumentedOperation extends OpenAPIV3_1.OperationObject {
  readonly method: string;
  readonly path: string;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** Every operation of a document, by path. */
export function operationsOf({ paths }: OpenApiDocument): readonly DocumentedOperation[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = item?.[method];
      return operation === undefined ? [] : [{ ...operation, method: method.toUpperCase(), path }];
    }),
  );
}
