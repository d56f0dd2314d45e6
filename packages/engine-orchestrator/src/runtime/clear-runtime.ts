import type { Engine } from '../engine.ts';
import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import type { EngineRuntime } from './engine-runtime.ts';

interface ClearOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
}

/** Engines that are removed at the end have so long. */
const removalTimeoutMs = 8_000;
/** Time limit of removing what is left of engines that are gone. */
const pruneTimeoutMs = 30_000;

/** Removes engines, all at the same time. Resolves when each is gone, or its time is up; hooks tell which. */
export async function removeEngines(
  engines: readonly Engine[],
  { clock, runtime, hooks }: ClearOptions & { readonly hooks: OrchestratorHooks },
): Promise<void> {
  const timeoutReason = (): Error => new Error(`The engines were not removed within ${removalTimeoutMs} ms`);
  const removals = engines.map((engine) =>
    limitTime(async (signal) => runtime.remove?.(engine.id, { signal }), {
      clock,
      ms: removalTimeoutMs,
      timeoutReason,
    }).then(
      () => tell(hooks, 'engineRemoved', { engine, reason: 'request' }),
      (error: unknown) => tell(hooks, 'removeFailed', { engine, error }),
    ),
  );
  await Promise.all(removals);
}

/** Removes what engines that are gone have left behind. Resolves with the number of things removed. */
export async function pruneRuntime({
  clock,
  runtime,
  signal,
}: ClearOptions & { readonly signal: AbortSignal }): Promise<number> {
  const timeoutReason = (): Error =>
    new Error(`The ${runtime.kind} runtime did not answer within ${pruneTimeoutMs} ms`);
  return limitTime(async (attempt) => runtime.prune?.({ signal: attempt }) ?? 0, {
    clock,
    ms: pruneTimeoutMs,
    timeoutReason,
    signal,
  });
}
