import type { FastifyRequest } from 'fastify';
import { accessOf } from './guard.ts';

/** How the client of a request reaches this server. */
export interface PublicUrl {
  /** `https://tv.example.org` */
  readonly origin: string;
  /** Empty, or `/tv`. */
  readonly basePath: string;
}

/**
 * What a URL must start with so that the client of `request` reaches this server: the host that it asked for, or what a
 * trusted proxy says it asked for (X-Forwarded-Proto, -Host, -Port, -Prefix).
 */
export function publicUrlOf(request: FastifyRequest, basePath: string): PublicUrl {
  const { headers } = request;
  const forwarded = (name: string): string | undefined =>
    accessOf(request).proxied ? firstOf(headers[`x-forwarded-${name}`]) : undefined;
  const scheme = forwarded('proto')?.toLowerCase() === 'https' ? 'https' : 'http';
  const port = forwarded('port');
  const host = forwarded('host') ?? headers.host;
  const withPort = port !== undefined && host !== undefined && !/:\d+$/.test(host) ? `${host}:${port}` : host;
  const prefix = forwarded('prefix')?.replace(/\/+$/, '');
  return {
    origin: originOf(scheme, withPort) ?? originOf(scheme, host) ?? ownOrigin(request),
    basePath: prefix !== undefined && /^(\/[\w.~-]+)*$/.test(prefix) && prefix !== '' ? prefix : basePath,
  };
}

function firstOf(header: string | string[] | undefined): string | undefined {
  const [first = ''] = (typeof header === 'string' ? header : (header?.[0] ?? '')).split(',');
  return first.trim() === '' ? undefined : first.trim();
}

/** Undefined for a host that is none: what a client claims ends up in URLs. */
function originOf(scheme: string, host: string | undefined): string | undefined {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return undefined;
  return URL.parse(`${scheme}://${host}`)?.origin;
}

/** HTTP/1.0 has no Host: the address that was connected to. */
function ownOrigin({ raw: { socket } }: FastifyRequest): string {
  const { localAddress = '127.0.0.1', localPort } = socket;
  const host = localAddress.includes(':') ? `[${localAddress.replace(/%.*$/, '')}]` : localAddress;
  return `http://${host}${localPort === undefined ? '' : `:${localPort}`}`;
}
