import type { EngineOrchestrator } from '@acestream-orchestrator/engine-orchestrator';

/** Longest wait for a place to move to: the stream plays on meanwhile, and is moved again where it has to go. */
export const moveWaitMs = 3_000;

/** The engines that are no use to a stream that leaves `current`, for `target` where that is given. */
export function enginesBut(
  orchestrator: Pick<EngineOrchestrator, 'engines'>,
  target: string | undefined,
  current: string,
): string[] {
  const others = orchestrator.engines().filter(({ id }) => target !== undefined && id !== target);
  return [current, ...others.map(({ id }) => id)];
}
