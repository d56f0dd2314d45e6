import { daemonWords } from './daemon-answer.ts';
import { DockerError, type DockerErrorCode } from './docker-error.ts';

type RegistryFault = Extract<
  DockerErrorCode,
  'image_missing' | 'registry_denied' | 'registry_limited' | 'registry_unreachable'
>;

/** What daemons pass on of a registry's answer, Docker's words and Podman's; the first that fits counts. */
const faults: readonly (readonly [RegExp, RegistryFault])[] = [
  [/toomanyrequests|too many requests|rate limit/i, 'registry_limited'],
  [/unauthorized|authentication required|no basic auth|denied|forbidden|docker login/i, 'registry_denied'],
  [/manifest unknown|name unknown|not found|does not exist|no such image/i, 'image_missing'],
  [
    /dial tcp|no such host|connection refused|i\/o timeout|tls: |x509: |server gave HTTP response to HTTPS|unexpected HTTP status|EOF|context deadline|Client\.Timeout|pinging container registry/i,
    'registry_unreachable',
  ],
];

/** What went wrong between a daemon and a registry, as far as the daemon's words tell. */
export function registryFault(error: unknown): RegistryFault | undefined {
  const words = daemonWords(error instanceof DockerError ? error.cause : error);
  return faults.find(([pattern]) => pattern.test(words))?.[1];
}
