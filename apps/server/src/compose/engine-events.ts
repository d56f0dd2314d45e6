import type { Engine, OrchestratorHooks } from '@acestream-orchestrator/engine-orchestrator';
import type { NewEvent } from '../events/event-log.ts';
import type { Log } from '../log.ts';

export interface EngineEventsOptions {
  readonly log: Log;
  readonly record: (event: NewEvent) => void;
  /** What is shown of the engines has changed. */
  readonly changed: () => void;
}

type EngineEvent = Omit<NewEvent, 'type' | 'containerId'> & { readonly type?: NewEvent['type'] };

/** What happens to engines, for the orchestrator to tell: log lines, entries of the event log, and the live feed. */
export function engineEvents({ log, record, changed }: EngineEventsOptions): OrchestratorHooks {
  /** An entry about an engine, or about none in particular. */
  const tell = (engine: Engine | undefined, event: EngineEvent): void => {
    record({ type: 'engine', ...event, ...(engine === undefined ? {} : { containerId: engine.id }) });
    changed();
  };
  return {
    ...knownEngines(log, tell),
    ...madeEngines(log, tell, changed),
    ...leavingEngines(log, tell),
    leaseStart: changed,
    leaseEnd: changed,
    leaseRefused: changed,
    contentDead({ key, forMs, engineIds }) {
      log.info({ stream: key, engines: engineIds, for_ms: forMs }, 'content is dead');
      tell(undefined, {
        type: 'stream',
        category: 'content_dead',
        message: `Nobody offers ${key} now: it is refused for ${Math.round(forMs / 1_000)} s.`,
        details: { key, engines: engineIds },
      });
    },
    settingsChange: changed,
  };
}

type Tell = (engine: Engine | undefined, event: EngineEvent) => void;

/** What is found out about engines. */
function knownEngines(log: Log, tell: Tell): OrchestratorHooks {
  return {
    engineFound({ engine }) {
      tell(engine, {
        category: 'found',
        message: `Engine ${engine.name} was found.`,
        details: { host: engine.host, port: engine.port },
      });
    },
    engineLost({ engine }) {
      tell(engine, { category: 'lost', message: `Engine ${engine.name} was stopped, removed or restarted.` });
    },
    engineOutdated({ engine, outdated: { reason, message } }) {
      log.info({ engine: engine.id, reason }, 'engine outdated');
      tell(engine, {
        category: 'outdated',
        message: `Engine ${engine.name} is outdated: ${message}.`,
        details: { reason },
      });
    },
    healthChange({ engine, from, to, reason }) {
      log[to === 'unhealthy' ? 'warn' : 'info']({ engine: engine.id, reason }, `engine ${to}`);
      tell(engine, {
        type: 'health',
        category: to,
        message: `Engine ${engine.name} is ${to}${reason === undefined ? '' : `: ${reason}`}.`,
        details: { from, to, reason: reason ?? null },
      });
    },
    runtimeFailed({ operation, error }) {
      log.warn({ err: error }, `engines: ${operation} failed`);
      tell(undefined, {
        category: 'runtime_failed',
        message: `${runtimeFailures[operation]}: ${textOf(error)}`,
        details: { operation },
      });
    },
    runtimeRecovered({ downMs }) {
      log.info({ down_ms: Math.round(downMs) }, 'engines can be listed again');
      tell(undefined, {
        category: 'runtime_recovered',
        message: 'What runs the engines answers again.',
        details: { down_ms: Math.round(downMs) },
      });
    },
  };
}

/** The making of engines. */
function madeEngines(log: Log, tell: Tell, changed: () => void): OrchestratorHooks {
  return {
    provisionStart: ({ purpose }) => log.info({ purpose }, 'an engine is being made'),
    provisionProgress: changed,
    provisionEnd({ engine, purpose, durationMs }) {
      log.info({ engine: engine.id, name: engine.name, purpose, duration_ms: Math.round(durationMs) }, 'engine made');
      tell(engine, {
        category: 'provisioned',
        message: `Engine ${engine.name} was made.`,
        details: { purpose, duration_ms: Math.round(durationMs) },
      });
    },
    provisionFailed({ purpose, error }) {
      log.warn({ purpose, err: error }, 'an engine could not be made');
      tell(undefined, {
        category: 'provision_failed',
        message: `An engine could not be made: ${textOf(error)}`,
        details: { purpose },
      });
    },
    engineReady({ engine, startupMs }) {
      log.info({ engine: engine.id, startup_ms: Math.round(startupMs) }, 'engine ready');
      tell(engine, {
        category: 'ready',
        message: `Engine ${engine.name} is ready.`,
        details: { startup_ms: Math.round(startupMs) },
      });
    },
    breakerChange({ breaker, from, to, lastFailure }) {
      log[to === 'open' ? 'error' : 'info']({ breaker, from, to, last_failure: lastFailure }, 'circuit breaker');
      tell(undefined, {
        category: 'circuit_breaker',
        message: `The ${breaker} circuit breaker is ${to}${to === 'open' && lastFailure !== undefined ? `: ${lastFailure}` : ''}.`,
        details: { breaker, from, to },
      });
    },
  };
}

/** Engines on their way out. */
function leavingEngines(log: Log, tell: Tell): OrchestratorHooks {
  return {
    drainStart({ engine, reason, leases }) {
      log.info({ engine: engine.id, reason, leases }, 'engine is being emptied');
      tell(engine, {
        category: 'draining',
        message: `Engine ${engine.name} is being emptied.`,
        details: { reason, streams: leases },
      });
    },
    drainEnd: ({ engine }) =>
      tell(engine, { category: 'undrained', message: `Engine ${engine.name} takes streams again.` }),
    engineRemoved({ engine, reason }) {
      log.info({ engine: engine.id, reason }, 'engine removed');
      tell(engine, { category: 'removed', message: `Engine ${engine.name} was removed.`, details: { reason } });
    },
    removeFailed({ engine, error }) {
      log.warn({ engine: engine.id, err: error }, 'engine could not be removed or restarted');
      tell(engine, {
        category: 'remove_failed',
        message: `Engine ${engine.name} could not be removed or restarted: ${textOf(error)}`,
      });
    },
    engineRestarted: ({ engine }) =>
      tell(engine, { category: 'restarted', message: `Engine ${engine.name} was restarted.` }),
    replaceStart({ engine, reason }) {
      log.warn({ engine: engine.id, reason }, 'engine is being replaced');
      tell(engine, {
        category: 'replacing',
        message: `Engine ${engine.name} is ${reason} and is being replaced.`,
        details: { reason },
      });
    },
    reprovisionStart: ({ engines }) =>
      tell(undefined, { category: 'reprovision', message: `${engines} engines are being replaced, one at a time.` }),
    reprovisionEnd: ({ engines, durationMs }) =>
      tell(undefined, {
        category: 'reprovisioned',
        message: `${engines} engines were replaced.`,
        details: { duration_ms: Math.round(durationMs) },
      }),
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const runtimeFailures = {
  list: 'What runs the engines could not be asked for them',
  events: 'What runs the engines could not be asked for changes',
  prune: 'What is left of former engines could not be removed',
} as const;
