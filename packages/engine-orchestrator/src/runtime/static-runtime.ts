import type { EngineRuntime, RuntimeEngine } from './engine-runtime.ts';
import { parseEngineUrl } from './parse-engine-url.ts';

/** An engine that somebody else starts and stops. */
export interface StaticEngine {
  /** Host name or address; an IPv6 address without brackets. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
  /** Default `host:port`. */
  readonly name?: string;
  /** Default none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Whether peers can reach it through a forwarded port. Default false. */
  readonly forwarded?: boolean;
}

/**
 * The runtime of engines that exist already, given as `http://host:port` or as objects. It makes and removes
 * nothing. Their ids are `host:port`.
 *
 * Throws a TypeError or RangeError for an address that is broken or given twice.
 */
export function staticRuntime(engines: readonly (string | StaticEngine)[]): EngineRuntime {
  const listed: readonly RuntimeEngine[] = engines.map((engine) =>
    describe(typeof engine === 'string' ? parseEngineUrl(engine) : engine),
  );
  const ids = new Set<string>();
  for (const { id } of listed) {
    if (ids.has(id)) throw new TypeError(`The engine ${id} is given twice`);
    ids.add(id);
  }
  return { kind: 'static', canProvision: false, list: async () => listed };
}

function describe({ host, port, name, labels, forwarded }: StaticEngine): RuntimeEngine {
  if (host === '') throw new TypeError('An engine has an empty host');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new RangeError(`The port of engine ${host} is ${port}, not an integer from 1 to 65535`);
  }
  const id = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return Object.freeze({
    id,
    name: name ?? id,
    host,
    port,
    labels: Object.freeze({ ...labels }),
    forwarded: forwarded ?? false,
    running: true,
  });
}
