import { EngineOrchestrator } from '../../src/orchestrator.ts';
import type { OrchestratorOptions } from '../../src/settings.ts';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProbe, fakeProbe } from '../../src/testing/fake-probe.ts';
import { type FakeRuntime, fakeRuntime } from '../../src/testing/fake-runtime.ts';

export interface Pool {
  readonly orchestrator: EngineOrchestrator;
  readonly clock: FakeClock;
  readonly runtime: FakeRuntime;
  readonly probe: FakeProbe;
  /** Hooks that were called, by name. */
  readonly told: readonly string[];
  /** Ids of the engines that exist. */
  ids(): string[];
}

/** An orchestrator over a runtime that makes engines, started, and given time to make what it wants at first. */
export async function startPool(
  options: Partial<OrchestratorOptions> = {},
  engines: Parameters<typeof fakeRuntime>[0] = [],
): Promise<Pool> {
  const clock = fakeClock();
  const runtime = fakeRuntime(engines, { canProvision: true });
  const probe = fakeProbe();
  const told: string[] = [];
  const on = new Proxy(
    {},
    {
      get: (_target, name) => (event: unknown) => {
        told.push(String(name));
        const hook = options.on?.[name as keyof typeof options.on] as ((event: unknown) => void) | undefined;
        hook?.(event);
      },
    },
  );
  const orchestrator = new EngineOrchestrator({ runtime, probe, clock, ...options, on });
  await orchestrator.start();
  await clock.advance(1_000);
  return { orchestrator, clock, runtime, probe, told, ids: () => orchestrator.engines().map(({ id }) => id) };
}
