import { EngineOrchestrator } from '../../src/orchestrator.ts';
import type { OrchestratorOptions } from '../../src/settings.ts';
import { type FakeClock, fakeClock } from '../../src/testing/fake-clock.ts';
import { type FakeProbe, fakeProbe } from '../../src/testing/fake-probe.ts';
import { type FakeRuntime, fakeRuntime } from '../../src/testing/fake-runtime.ts';

export interface Setup {
  readonly orchestrator: EngineOrchestrator;
  readonly clock: FakeClock;
  readonly runtime: FakeRuntime;
  readonly probe: FakeProbe;
}

/** An orchestrator over these engines, with a clock that stands still, started and with every engine probed. */
export async function startOrchestrator(
  engines: Parameters<typeof fakeRuntime>[0],
  options: Partial<OrchestratorOptions> = {},
): Promise<Setup> {
  const clock = fakeClock();
  const runtime = fakeRuntime(engines);
  const probe = fakeProbe();
  const orchestrator = new EngineOrchestrator({ runtime, probe, clock, maxLeasesPerEngine: 2, ...options });
  await orchestrator.start();
  return { orchestrator, clock, runtime, probe };
}

/** What became of a promise, once everything that can happen by now has happened. */
export async function outcome<T>(
  promise: Promise<T>,
  clock: FakeClock,
): Promise<T | 'pending' | { rejected: unknown }> {
  let result: T | 'pending' | { rejected: unknown } = 'pending';
  promise.then(
    (value) => {
      result = value;
    },
    (rejected: unknown) => {
      result = { rejected };
    },
  );
  await clock.advance(0);
  return result;
}
