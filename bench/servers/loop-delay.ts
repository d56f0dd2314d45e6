import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Every so often the loop is asked whether it is free: seldom enough to cost nothing beside what is measured. */
const RESOLUTION_MS = 10;

/** On SIGUSR2, says how late the event loop has been since the last time: what a synchronous stretch does to others. */
export function sayLoopDelay(): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const beyondResolution = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
  delay.enable();
  process.on('SIGUSR2', () => {
    const loopDelayP99Ms = beyondResolution(delay.percentile(99));
    const loopDelayMaxMs = beyondResolution(delay.max);
    console.log(JSON.stringify({ loopDelayP99Ms, loopDelayMaxMs }));
    delay.reset();
  });
}
