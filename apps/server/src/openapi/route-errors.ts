import type { FastifyContextConfig, FastifySchema } from 'fastify';

/** Error codes by status. */
export type ErrorCodes = Readonly<Record<number, readonly string[]>>;

/**
 * Every error that a route may answer with: what it declares as `config.errors`, and what the server answers before a
 * handler is called: bad input where the route takes input, and the guard's refusals where it guards.
 */
export function errorsOf(schema: FastifySchema, { area, errors }: FastifyContextConfig): ErrorCodes {
  const takesInput = [schema.params, schema.querystring, schema.body, schema.headers].some(
    (each) => each !== undefined,
  );
  return mergeErrors([
    takesInput ? { 400: ['bad_input'] } : {},
    schema.body === undefined ? {} : { 413: ['too_large'], 415: ['unsupported_media_type'] },
    area === 'open' || area === 'viewer'
      ? {}
      : { 401: ['key_missing'], 403: ['key_wrong', 'access_revoked'], 429: ['too_many_attempts'] },
    errors ?? {},
  ]);
}

/** All of them. */
export function mergeErrors(tables: readonly ErrorCodes[]): ErrorCodes {
  const merged: Record<number, readonly string[]> = {};
  for (const [status, codes] of tables.flatMap((table) => Object.entries(table))) {
    merged[Number(status)] = [...new Set([...(merged[Number(status)] ?? []), ...codes])];
  }
  return merged;
}
