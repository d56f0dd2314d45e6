/** Docker Hub, which has several names, and which names of images leave out. */
const hub = 'docker.io';
const hubNames: ReadonlySet<string> = new Set([hub, 'index.docker.io', 'registry-1.docker.io']);
/** What logins for it are kept under. */
const hubServer = 'https://index.docker.io/v1/';

/** The registry that an image comes from, `docker.io` or `host:port`. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost ? oneName(first) : hub;
}

/** What the docker command calls a registry when it keeps a login, and asks helpers for it by. */
export function loginServer(registry: string): string {
  return registry === hub ? hubServer : registry;
}

/** Whether `written`, which may be a URL, is `registry`. */
export function isSameRegistry(written: string, registry: string): boolean {
  const [host = ''] = written.replace(/^https?:\/\//, '').split('/');
  return oneName(host) === registry;
}

function oneName(host: string): string {
  return hubNames.has(host) ? hub : host;
}
