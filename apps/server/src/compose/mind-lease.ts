import { OrchestratorError } from '@acestream-orchestrator/engine-orchestrator';

export interface LeaseHolder {
  /** Whether players get bytes from this engine. */
  readonly isPlaying: () => boolean;
  /** The engine is no use any more. */
  readonly giveUp: (reason: unknown) => void;
  /** Players are to be moved to another engine. */
  readonly onDrain: () => void;
}

/** Where there was no place elsewhere, there may be one after so long. */
const retryMs = 3_000;

/**
 * Acts on the signal of a lease. An engine that is being emptied still delivers, so what plays there stays until it has
 * moved; what only waits there for its first byte had better wait elsewhere. The returned function ends that.
 */
export function mindLease(signal: AbortSignal, { isPlaying, giveUp, onDrain }: LeaseHolder): () => void {
  let timer: NodeJS.Timeout | undefined;
  const drain = (): void => {
    onDrain();
    timer = setTimeout(drain, retryMs);
  };
  const act = (): void => {
    if (isDraining(signal.reason) && isPlaying()) drain();
    else giveUp(signal.reason);
  };
  if (signal.aborted) act();
  else signal.addEventListener('abort', act);
  return () => {
    signal.removeEventListener('abort', act);
    clearTimeout(timer);
  };
}

/** Whether a lease ended because its engine is being emptied, which is nobody's fault. */
export function isDraining(reason: unknown): boolean {
  return reason instanceof OrchestratorError && reason.code === 'engine_draining';
}
