import type Docker from 'dockerode';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import { DockerError } from './docker-error.ts';
import type { RegistryLogin, RegistryLogins } from './registry-login.ts';
import { loginServer, registryOf } from './registry-name.ts';

/** How a registry is asked about an image. */
export interface RegistryAccess {
  /** For the daemon; undefined when it is asked as anybody may. */
  readonly auth: Docker.AuthConfig | undefined;
  /** What there is to say about the login when the registry refuses. */
  readonly words: string;
}

/** A helper may ask somewhere else. */
const loginTimeoutMs = 20_000;

/** Finds the login for an image. One that cannot be read keeps nobody from what is open to all. */
export async function registryAccess(
  image: string,
  { logins, clock, signal }: { readonly logins: RegistryLogins; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<RegistryAccess> {
  const registry = registryOf(image);
  try {
    const login = await limitTime((limit) => logins(registry, { signal: limit }), {
      clock,
      ms: loginTimeoutMs,
      signal,
      timeoutReason: () => new Error(`there was no answer within ${loginTimeoutMs} ms`),
    });
    return login === undefined
      ? { auth: undefined, words: `no login for ${registry} was found` }
      : { auth: authConfig(login, registry), words: `the login for ${registry} was not accepted` };
  } catch (error) {
    signal.throwIfAborted();
    const why = error instanceof Error ? error.message : String(error);
    return { auth: undefined, words: `the login for ${registry} cannot be read: ${why}` };
  }
}

/** What a registry refused, with what there is to say about the login. Docker Hub does not tell whether it has the image. */
export function deniedError(
  message: string,
  access: RegistryAccess | undefined,
  options: { readonly cause: unknown; readonly status?: number | undefined },
): DockerError {
  const text = access === undefined ? message : `${message}; ${access.words}`;
  const code = /pull access denied|does not exist/i.test(message) ? 'image_missing' : 'registry_denied';
  return new DockerError(code, text, { ...options, option: code === 'image_missing' ? 'image' : 'logins' });
}

function authConfig(login: RegistryLogin, registry: string): Docker.AuthConfig {
  const serveraddress = loginServer(registry);
  return 'identityToken' in login
    ? { identitytoken: login.identityToken, serveraddress }
    : { username: login.username, password: login.password, serveraddress };
}
