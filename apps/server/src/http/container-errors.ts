import type { ErrorCodes } from '../openapi/route-errors.ts';

/** What a request that Docker has to answer may be told instead. */
export const containerErrors: ErrorCodes = {
  404: ['container_not_found', 'unknown_container'],
  502: ['daemon_refused'],
  503: ['daemon_unreachable', 'daemon_forbidden', 'daemon_timeout'],
};

/** The same for one that makes a container. */
export const makingErrors: ErrorCodes = {
  409: ['not_managed', 'port_taken', 'name_taken', 'pull_cancelled'],
  502: [
    'daemon_refused',
    'image_missing',
    'registry_denied',
    'registry_unreachable',
    'wrong_platform',
    'start_failed',
    'engine_exited',
    'engine_unreachable',
  ],
  503: [
    'daemon_unreachable',
    'daemon_forbidden',
    'daemon_timeout',
    'registry_limited',
    'network_missing',
    'network_container_down',
    'ports_exhausted',
  ],
};

/** The same for one that asks a registry about an image. */
export const registryErrors: ErrorCodes = {
  409: ['not_managed'],
  501: ['check_unsupported'],
  502: ['daemon_refused', 'image_missing', 'registry_denied', 'registry_unreachable'],
  503: ['daemon_unreachable', 'daemon_forbidden', 'daemon_timeout', 'registry_limited'],
};
