/** Where a Docker daemon, or Podman's compatible service, listens. */
export type DaemonAddress =
  | { readonly kind: 'unix'; readonly socketPath: string }
  | {
      readonly kind: 'tcp';
      /** Host name or address; an IPv6 address without brackets. */
      readonly host: string;
      readonly port: number;
      /** Folder with `ca.pem`, and `cert.pem` and `key.pem` where the daemon asks for them; undefined for plain TCP. */
      readonly certPath?: string;
      /** Whether the daemon's certificate must be signed by `ca.pem`. Default true. */
      readonly verify?: boolean;
    };

export const defaultSocketPath = '/var/run/docker.sock';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The daemon that the `docker` command would use: `DOCKER_HOST` (`unix://`, `tcp://`, `http://`, `https://`) with
 * `DOCKER_TLS_VERIFY` and `DOCKER_CERT_PATH`; the socket `/var/run/docker.sock` when it is not set. Also takes
 * `CONTAINER_HOST`, which Podman calls it.
 *
 * Throws a TypeError for an address that cannot be one.
 */
export function daemonAddress(env: Environment): DaemonAddress {
  const text = env['DOCKER_HOST']?.trim() || env['CONTAINER_HOST']?.trim() || '';
  if (text === '') return { kind: 'unix', socketPath: defaultSocketPath };
  if (text.startsWith('/')) return { kind: 'unix', socketPath: text };
  const url = URL.parse(text.includes('://') ? text : `tcp://${text}`);
  if (url?.protocol === 'unix:' && url.pathname.length > 1) {
    return { kind: 'unix', socketPath: decodeURIComponent(url.pathname) };
  }
  if (url === null || !['tcp:', 'http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new TypeError(`DOCKER_HOST is "${text}"; it must be like unix:///var/run/docker.sock or tcp://host:2376`);
  }
  return tcpAddress(url, env);
}

/** Whether containers' published ports are ports of the machine that this process runs on. */
export function isLocal(address: DaemonAddress): boolean {
  return address.kind === 'unix' || ['localhost', '127.0.0.1', '::1'].includes(address.host);
}

/** As people write it. */
export function formatAddress(address: DaemonAddress): string {
  if (address.kind === 'unix') return address.socketPath;
  const host = address.host.includes(':') ? `[${address.host}]` : address.host;
  return `${address.certPath === undefined ? 'tcp' : 'tls'}://${host}:${address.port}`;
}

function tcpAddress(url: URL, env: Environment): DaemonAddress {
  // As the docker command has it: any value but the empty one switches TLS on.
  const verify = (env['DOCKER_TLS_VERIFY'] ?? '') !== '';
  const tls = verify || url.protocol === 'https:' || (env['DOCKER_TLS'] ?? '') !== '' || url.port === '2376';
  const certPath = env['DOCKER_CERT_PATH']?.trim() || `${env['HOME'] ?? ''}/.docker`;
  return {
    kind: 'tcp',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (tls ? 2376 : 2375) : Number(url.port),
    ...(tls ? { certPath, verify: verify || url.protocol === 'https:' } : {}),
  };
}
