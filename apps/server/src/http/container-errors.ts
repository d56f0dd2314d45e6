import type { ErrorCodes } from '../openapi/route-errors.ts';

/** What a request that Docker has to answer may be told instead. */
export const containerErrors: ErrorCodes = {
  404: ['container_not_found', 'unknown_container'],
  502: ['daemon_refused'],
  503: ['daemon_unreachable', 'daemon_forbidden', 'daemon_timeout'],
};

/** The same for one that makes a container. */
export const makingErrors: ErrorCodes = {
  409: ['not_managed', 'port_taken', 'name_taken'],
  502: ['daemon_refused', 'image_missing', 'wrong_platform', 'start_failed', 'engine_exited', 'engine_unreachable'],
  503: [
    'daemon_unreachable',
    'daemon_forbidden',
    'daemon_timeout',
    'network_missing',
    'network_container_down',
    'ports_exhausted',
  ],
};
