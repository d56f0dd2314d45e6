import type { OrchestratorHooks } from '@acestream-orchestrator/engine-orchestrator';
import type { NewEvent } from '../events/event-log.ts';
import type { Log } from '../log.ts';

export interface EngineEventsOptions {
  readonly log: Log;
  readonly record: (event: NewEvent) => void;
  /** What is shown of the engines has changed. */
  readonly changed: () => void;
}

/** What happens to engines, for the orchestrator to tell: log lines, entries of the event log, and the live feed. */
export function engineEvents({ log, record, changed }: EngineEventsOptions): OrchestratorHooks {
  return {
    engineFound({ engine }) {
      record({
        type: 'engine',
        category: 'found',
        message: `Engine ${engine.name} was found.`,
        details: { host: engine.host, port: engine.port },
        containerId: engine.id,
      });
      changed();
    },
    engineLost({ engine }) {
      record({
        type: 'engine',
        category: 'lost',
        message: `Engine ${engine.name} was stopped, removed or restarted.`,
        containerId: engine.id,
      });
      changed();
    },
    healthChange({ engine, from, to, reason }) {
      log[to === 'unhealthy' ? 'warn' : 'info']({ engine: engine.id, reason }, `engine ${to}`);
      record({
        type: 'health',
        category: to,
        message: `Engine ${engine.name} is ${to}${reason === undefined ? '' : `: ${reason}`}.`,
        details: { from, to, reason: reason ?? null },
        containerId: engine.id,
      });
      changed();
    },
    leaseStart: changed,
    leaseEnd: changed,
    leaseRefused: changed,
    runtimeFailed({ operation, error }) {
      const message = error instanceof Error ? error.message : String(error);
      log.warn({ err: error }, `engines: ${operation} failed`);
      record({
        type: 'engine',
        category: 'runtime_failed',
        message: `What runs the engines could not be asked for ${operation === 'list' ? 'them' : 'changes'}: ${message}`,
        details: { operation },
      });
    },
  };
}
