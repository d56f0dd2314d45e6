import type { FastifyRequest } from 'fastify';

/** The keys and tokens that a request shows, in whatever place it may. Other schemes of authorization are none. */
export interface ShownCredentials {
  /** From the headers. */
  readonly keys: readonly string[];
  /** From the URL: once, or it is nothing that could be right. */
  readonly token: unknown;
}

export function shownCredentials({ headers, query }: FastifyRequest): ShownCredentials {
  const { authorization, 'x-api-key': header } = headers;
  const bearer = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  return {
    keys: [bearer, header].filter((each) => typeof each === 'string'),
    token: (query as Record<string, unknown>)['token'],
  };
}
