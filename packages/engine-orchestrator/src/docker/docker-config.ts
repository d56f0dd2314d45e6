import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { askCredentialHelper } from './credential-helper.ts';
import type { RegistryLogin, RegistryLogins } from './registry-login.ts';
import { isSameRegistry, loginServer } from './registry-name.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type Table = Readonly<Record<string, unknown>>;

/**
 * The logins that `docker login` keeps: `config.json` in the folder `DOCKER_CONFIG`, or `.docker` in the home folder. A
 * helper named there (`credHelpers` for one registry, `credsStore` for all) is asked as `docker-credential-<name> get`;
 * what it does not have is taken from `auths`. The file is read for each question, so a login counts from the next one on;
 * where there is no file there is no login. Rejects for a file that cannot be read and a helper that fails.
 */
export function dockerConfigLogins(env: Environment): RegistryLogins {
  const folder = env['DOCKER_CONFIG']?.trim() || join(env['HOME']?.trim() || homedir(), '.docker');
  const path = join(folder, 'config.json');
  return async (registry, { signal }) => {
    const config = await readConfig(path, signal);
    const helper = find(config['credHelpers'], registry) ?? config['credsStore'];
    const kept =
      typeof helper === 'string' && helper !== ''
        ? await askCredentialHelper(helper, loginServer(registry), signal)
        : undefined;
    return kept ?? readAuth(find(config['auths'], registry), registry, path);
  };
}

async function readConfig(path: string, signal: AbortSignal): Promise<Table> {
  let text: string;
  try {
    text = await readFile(path, { encoding: 'utf8', signal });
  } catch (error) {
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return {};
    throw new Error(`${path} cannot be read (${code})`);
  }
  try {
    return asTable(JSON.parse(text)) ?? {};
  } catch {
    // Not with the words of the parser, which quote what is in it.
    throw new Error(`${path} is not JSON`);
  }
}

function asTable(value: unknown): Table | undefined {
  return typeof value === 'object' && value !== null ? (value as Table) : undefined;
}

/** The value of the key that is this registry, in one of the ways in which it is written. */
function find(table: unknown, registry: string): unknown {
  return Object.entries(asTable(table) ?? {}).find(([name]) => isSameRegistry(name, registry))?.[1];
}

function readAuth(value: unknown, registry: string, path: string): RegistryLogin | undefined {
  const { auth, username, password, identitytoken: identityToken } = asTable(value) ?? {};
  if (typeof identityToken === 'string' && identityToken !== '') return { identityToken };
  if (typeof auth === 'string' && auth !== '') {
    const [name = '', ...secret] = Buffer.from(auth, 'base64').toString('utf8').split(':');
    if (name !== '' && secret.length > 0) return { username: name, password: secret.join(':') };
    throw new Error(`what ${path} has for ${registry} is not a name and a password`);
  }
  return typeof username === 'string' && typeof password === 'string' && username !== ''
    ? { username, password }
    : undefined;
}
