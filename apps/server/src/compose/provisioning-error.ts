import type { OrchestratorError, ProvisioningBlock } from '@acestream-orchestrator/engine-orchestrator';
import { ApiError } from '../api-error.ts';

/** When to come back where nobody knows better. */
const retryAfterSeconds = 10;

/** Why engines could not be made or replaced, with what the 1.5 release put into `detail`. */
export function provisioningError(error: OrchestratorError): ApiError {
  const { blocked, message, retryable, recoveryEtaSeconds, code } = error;
  if (code === 'reprovision_running') return new ApiError(409, code, message, { cause: error, retryable });
  const details = blockDetails(blocked);
  return new ApiError(503, 'provisioning_blocked', message, {
    cause: error,
    retryable,
    retryAfterSeconds: recoveryEtaSeconds ?? (retryable ? retryAfterSeconds : undefined),
    details: { reason: details.code, ...rest(details) },
    detail: { error: 'provisioning_blocked', ...details },
  });
}

/** A block in the words of the HTTP contract. */
export function blockDetails(blocked: ProvisioningBlock | undefined): {
  readonly code: string;
  readonly message: string;
  readonly recovery_eta_seconds: number | null;
  readonly can_retry: boolean;
  readonly should_wait: boolean;
} {
  return {
    code: blocked?.code ?? 'general_error',
    message: blocked?.message ?? 'An engine could not be made',
    recovery_eta_seconds: blocked?.recoveryEtaSeconds ?? null,
    can_retry: blocked?.canRetry ?? true,
    should_wait: blocked?.shouldWait ?? false,
  };
}

function rest({
  recovery_eta_seconds,
  can_retry,
  should_wait,
}: ReturnType<typeof blockDetails>): Record<string, unknown> {
  return { recovery_eta_seconds, can_retry, should_wait };
}
