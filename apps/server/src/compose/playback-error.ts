import { OrchestratorError } from '@acestream-orchestrator/engine-orchestrator';
import { AceError } from '@acestream-orchestrator/engine-orchestrator/ace';
import { HlsProxyError } from '@acestream-orchestrator/hls-proxy';
import { MpegTsProxyError, SourceError } from '@acestream-orchestrator/mpegts-proxy';
import { ApiError } from '../api-error.ts';

/** When to come back where nobody knows better. */
const retryAfterSeconds = 5;

/** Translates what the libraries reject with into what the player is told. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof MpegTsProxyError) return ofProxy(error);
  if (error instanceof HlsProxyError) return ofHls(error);
  if (error instanceof OrchestratorError) return ofOrchestrator(error);
  if (error instanceof AceError) return ofEngine(error);
  if (error instanceof SourceError) return ofSource(error);
  return new ApiError(500, 'internal_error', 'Something went wrong in the server; its log has the details.', {
    cause: error,
  });
}

function ofProxy(error: MpegTsProxyError): ApiError {
  switch (error.code) {
    case 'open_failed':
      return toApiError(error.cause);
    case 'closed':
      return new ApiError(503, 'shutting_down', 'The server is shutting down.', { cause: error, retryable: true });
    case 'session_ended':
      return new ApiError(503, 'stream_ended', error.message, { cause: error, retryable: true, retryAfterSeconds: 1 });
    default:
      return new ApiError(503, error.code, error.message, { cause: error, retryable: true, retryAfterSeconds });
  }
}

function ofHls(error: HlsProxyError): ApiError {
  switch (error.code) {
    case 'open_failed':
      // A stream that ended before it could be played says so itself.
      return error.cause === undefined ? hlsError(error, 'engine_failed') : toApiError(error.cause);
    case 'closed':
      return new ApiError(503, 'shutting_down', 'The server is shutting down.', { cause: error, retryable: true });
    case 'session_ended':
      return hlsError(error, 'stream_ended');
    case 'not_found':
      return hlsError(error, 'segment_not_found');
    case 'too_large':
      return hlsError(error, 'segment_too_large');
    case 'revoked':
      return hlsError(error, 'access_revoked');
    default:
      return hlsError(error, error.code);
  }
}

function hlsError(error: HlsProxyError, code: string): ApiError {
  const { status, message, retryable } = error;
  const retryAfter = error.retryAfterSeconds ?? (status === 503 ? 1 : undefined);
  return new ApiError(status, code, message, { cause: error, retryable, retryAfterSeconds: retryAfter });
}

function ofOrchestrator(error: OrchestratorError): ApiError {
  const eta = error.recoveryEtaSeconds ?? retryAfterSeconds;
  const { blocked } = error;
  const reason = blocked === undefined ? {} : { reason: blocked.code, should_wait: blocked.shouldWait };
  const details = { recovery_eta_seconds: eta, ...reason };
  return new ApiError(503, error.code, refusalForPlayers(error), {
    cause: error,
    retryable: error.retryable,
    retryAfterSeconds: eta,
    details,
  });
}

/** Other reasons quote Docker and the logs of engines, which need more than the right to play. */
const toldToPlayers: ReadonlySet<string> = new Set(['vpn_disconnected', 'max_capacity']);

function refusalForPlayers({ message, blocked }: OrchestratorError): string {
  if (blocked === undefined || toldToPlayers.has(blocked.code)) return message;
  return `${message.replace(blocked.message, '').replace(/[. ]+$/, '')}. No engine can be made now; /orchestrator/status says why.`;
}

function ofSource(error: SourceError): ApiError {
  // The opener wraps an engine's failure; the failure itself says more.
  if (error.cause instanceof Error && isKnown(error.cause)) return toApiError(error.cause);
  const { reason, code } = error;
  const isLate = reason === 'no-data' || reason === 'stalled';
  return new ApiError(isLate ? 504 : 502, code === 'other' ? sourceCodes[reason] : code, error.message, {
    cause: error,
    retryable: true,
  });
}

/** What a player is told of a source that ended without saying why. */
const sourceCodes: Readonly<Record<SourceError['reason'], string>> = {
  ended: 'engine_failed',
  reset: 'engine_failed',
  refused: 'engine_failed',
  'bad-response': 'bad_response',
  'no-data': 'no_data',
  stalled: 'no_data',
  moved: 'engine_failed',
};

/** What repeats itself is not played. */
export function loopingError(content: string): ApiError {
  return new ApiError(
    422,
    'looping',
    `${content} repeats an old broadcast: it was found looping, and is refused until it is taken off that list.`,
  );
}

function isKnown(error: Error): boolean {
  return (
    error instanceof ApiError ||
    error instanceof SourceError ||
    error instanceof AceError ||
    error instanceof OrchestratorError
  );
}

/** Status by code; what is not listed is the engine's fault, 502. */
const engineStatus: Readonly<Partial<Record<AceError['code'], number>>> = {
  bad_content: 400,
  content_dead: 503,
  engine_hung: 504,
  vod_not_supported: 501,
};

function ofEngine(error: AceError): ApiError {
  const status = engineStatus[error.code] ?? 502;
  return new ApiError(status, error.code, error.message, {
    cause: error,
    retryable: error.retryable,
    ...(status === 503 ? { retryAfterSeconds: 30 } : {}),
  });
}
