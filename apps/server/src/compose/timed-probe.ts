import type { Probe } from '@acestream-orchestrator/engine-orchestrator';
import type { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import type { Operation } from '../operations.ts';

/** A probe that records how long it took; an engine that is not well counts as a failure. */
export function timedProbe(probe: Probe, metrics: PerfMetrics<Operation>): Probe {
  return async (engine, options) => {
    using timer = metrics.timer('engine_probe');
    const result = await probe(engine, options);
    if (result.ok) timer.succeed();
    return result;
  };
}
