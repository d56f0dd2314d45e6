import { type LeaseOutcome, OrchestratorError } from '@acestream-orchestrator/engine-orchestrator';
import { AceError } from '@acestream-orchestrator/engine-orchestrator/ace';
import { SourceError } from '@acestream-orchestrator/mpegts-proxy';
import { ApiError } from '../api-error.ts';
import { isDraining } from './mind-lease.ts';
import { toApiError } from './playback-error.ts';

/** The content runs already, under another stream key. */
export class ContentRunsError extends Error {
  readonly streamKey: string;
  readonly retryable = false;

  constructor(streamKey: string) {
    super(`This content is already being played as ${streamKey}`);
    this.name = 'ContentRunsError';
    this.streamKey = streamKey;
  }
}

/** Another session of this content is there, being stopped or of HLS, and would end a new one or be ended by it. */
export class ContentStoppingError extends Error {
  override readonly name = 'ContentStoppingError';
}

/** Whether no other engine would do better. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ContentRunsError || error instanceof ApiError || isContentDead(error)) return true;
  return error instanceof AceError && (error.code === 'bad_content' || error.code === 'vod_not_supported');
}

/** What it says about the engine, and about the content on it. */
export function outcomeOf(error: unknown): LeaseOutcome {
  if (error instanceof ContentRunsError || error instanceof ContentStoppingError || isDraining(error)) return 'ok';
  if (error instanceof ApiError) return 'ok';
  if (error instanceof AceError) return error.outcome ?? 'ok';
  if (error instanceof SourceError)
    return error.reason === 'refused' || error.reason === 'reset' ? 'engine-bad' : 'content-bad';
  return 'engine-bad';
}

/** The orchestrator knows that it is dead, and asked nobody. */
function isContentDead(error: unknown): boolean {
  return error instanceof OrchestratorError && error.code === 'content_dead';
}

/** As a player would be told. */
export function codeOf(error: unknown): string {
  return toApiError(error).code;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether it failed because the content runs already. */
export function isRunning(error: unknown): boolean {
  return error instanceof Error && (error instanceof ContentRunsError || isRunning(error.cause));
}
