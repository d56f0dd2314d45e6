import { HlsProxyError } from '@acestream-orchestrator/hls-proxy';
import type { SourceEndReason } from '@acestream-orchestrator/mpegts-proxy';
import type { Attempt } from '../diagnosis/attempt.ts';
import type { Outcome } from './leased-engine.ts';
import { isDraining } from './mind-lease.ts';
import { toApiError } from './playback-error.ts';
import { isRunning } from './source-failure.ts';

/** Whether an engine has the playlist of a fresh session in a moment. */
export function isPrebuffering(error: unknown): boolean {
  return error instanceof HlsProxyError && (error.upstreamStatus ?? 0) >= 500;
}

/** An engine that answers, whatever it says, is there: it is the content that it cannot bring. */
export function outcomeOf({ code }: HlsProxyError): Outcome {
  return code === 'upstream_unreachable' ? 'engine-bad' : 'content-bad';
}

/** Why a source ended that had, or had not, `delivered`. */
export function reasonOf(error: unknown, delivered: boolean): SourceEndReason {
  if (isDraining(error)) return 'moved';
  if (!(error instanceof HlsProxyError) || error.code === 'upstream_unreachable')
    return delivered ? 'reset' : 'refused';
  return error.code === 'upstream_stale' ? 'stalled' : 'bad-response';
}

/** As a player would be told. */
export function faultOf(error: unknown): { readonly code: string; readonly message: string } {
  return { code: toApiError(error).code, message: error instanceof Error ? error.message : String(error) };
}

/** Closes the record of an attempt that came to nothing. */
export function endAttempt(attempt: Attempt, error: unknown, signal: AbortSignal): void {
  // Its players are given the stream that plays this content already.
  if (signal.aborted || isRunning(error)) return attempt.left();
  const { code, message } = faultOf(error);
  attempt.failed(code, message);
}
