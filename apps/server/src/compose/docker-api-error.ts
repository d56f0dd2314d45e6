import { DockerError } from '@acestream-orchestrator/engine-orchestrator/docker';
import { ApiError } from '../api-error.ts';

export function notManaged(): ApiError {
  return new ApiError(409, 'not_managed', 'Containers are made here with ENGINES=docker only.');
}

const statuses: Readonly<Partial<Record<DockerError['code'], number>>> = {
  unknown_container: 404,
  pull_cancelled: 409,
  port_taken: 409,
  name_taken: 409,
  check_unsupported: 501,
  registry_limited: 503,
  daemon_unreachable: 503,
  daemon_forbidden: 503,
  daemon_timeout: 503,
  network_missing: 503,
  network_container_down: 503,
  ports_exhausted: 503,
};

/** For whoever asked over HTTP. */
export function toApiError(error: unknown): unknown {
  if (error instanceof TypeError || error instanceof RangeError) return checkedError(error);
  if (!(error instanceof DockerError)) return error;
  const { code, message, retryable } = error;
  const status = statuses[code] ?? 502;
  return new ApiError(status, code, `${message}.`, {
    cause: error,
    retryable,
    retryAfterSeconds: status === 503 && retryable ? (code === 'registry_limited' ? 3_600 : 10) : undefined,
  });
}

/** What the library finds wrong with what it is given, which came from the request. */
function checkedError(error: Error): ApiError {
  return new ApiError(400, 'bad_input', `${error.message}.`, { cause: error });
}
