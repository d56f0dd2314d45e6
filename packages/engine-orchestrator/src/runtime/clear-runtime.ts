import type { Engine } from '../engine.ts';
import { type OrchestratorHooks, tell } from '../hooks.ts';
import type { Clock } from '../time/clock.ts';
import { limitTime } from '../time/limit-time.ts';
import type { EngineRuntime, RuntimeEngine } from './engine-runtime.ts';

interface ClearOptions {
  readonly clock: Clock;
  readonly runtime: EngineRuntime;
}

/** Engines that are removed at the end have so long. */
const removalTimeoutMs = 8_000;
/** Time limit of removing what is left of engines that are gone. */
const pruneTimeoutMs = 30_000;

interface RemoveOptions extends ClearOptions {
  readonly hooks: OrchestratorHooks;
  /** Resolves when the runtime makes no more engines; undefined when it makes none. */
  readonly callsOver: Promise<unknown> | undefined;
}

/**
 * Removes engines, all at the same time, and those that are only being made as soon as they exist. Resolves when each is
 * gone, or its time is up; hooks tell which.
 */
export async function removeEngines(engines: readonly Engine[], options: RemoveOptions): Promise<void> {
  const { clock, runtime, hooks, callsOver } = options;
  const known = new Set(engines.map(({ id }) => id));
  const timeoutReason = (): Error => new Error(`The engines were not removed within ${removalTimeoutMs} ms`);
  const limit = { clock, ms: removalTimeoutMs, timeoutReason };
  const remove = (engine: Engine): Promise<void> =>
    limitTime(async (signal) => runtime.remove?.(engine.id, { signal }), limit).then(
      () => tell(hooks, 'engineRemoved', { engine, reason: 'request' }),
      (error: unknown) => tell(hooks, 'removeFailed', { engine, error }),
    );
  const removals = engines.map(remove);
  if (callsOver !== undefined) {
    const late = limitTime(async (signal) => {
      await callsOver;
      return (await runtime.list({ signal })).filter(({ id }) => !known.has(id));
    }, limit);
    removals.push(
      late.then(
        async (found) => void (await Promise.all(found.map((engine) => remove(plain(engine))))),
        (error: unknown) => tell(hooks, 'runtimeFailed', { operation: 'list', error }),
      ),
    );
  }
  await Promise.all(removals);
}

function plain({ id, name, host, port, labels, forwarded }: RuntimeEngine): Engine {
  return Object.freeze({ id, name, host, port, labels, forwarded });
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
